/** What senders have sent since the start, by whichever protocol. */
export class IngestTotals {
  requests = 0;
  accepted = 0;
  rejected = 0;
  /** Requests of addresses that have sent more than they may. */
  limited = 0;
  /** Requests answered with a status of 500 or more. */
  failed = 0;

  add(tally: { readonly accepted: number; readonly repeated: number; readonly rejected: number }): void {
    this.requests += 1;
    this.accepted += tally.accepted - tally.repeated;
    this.rejected += tally.rejected;
  }
}
