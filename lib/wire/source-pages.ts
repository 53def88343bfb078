/** One sender, and what has become of everything it has sent since the server's start. */
export type SenderRow = {
  readonly protocol: string;
  readonly address: string;
  readonly credential: string | null;
  /** The first twenty that it has named. */
  readonly services: readonly string[];
  readonly requests: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Events that were older than five minutes when they came. */
  readonly late: number;
  readonly truncated: number;
  readonly limited: number;
  readonly failed: number;
  /** As they came over the line. */
  readonly bytes: number;
  readonly bytesPerSecond: number;
  readonly eventsPerSecond: number;
  /** How far its newest events are ahead of this server's clock, in ms; negative: behind, or on the way for so long. */
  readonly skewMs: number | null;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly lastError: { readonly atMs: number; readonly status?: number; readonly says: string } | undefined;
};
