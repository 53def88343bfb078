/** How one protocol sends the events of the benchmark: about the same lines as `log-lines.ts`, in its own words. */
export type BodySource = {
  /** As the table names it. */
  readonly name: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** One request's body: `count` events, of which `from` is the number of the first; each body must differ from any other. */
  body(from: number, count: number): Buffer;
};
