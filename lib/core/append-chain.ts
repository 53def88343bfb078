/**
 * Appends that belong behind each other, such as the chunks of a body: once one has been refused, nothing more of them is
 * stored. What is stored is then always their beginning, and whoever goes on later goes on behind it.
 */
export type AppendChain = {
  /** Why one was refused. */
  failure?: unknown;
};
