import type { ProtocolTotals } from '@/lib/wire/source-pages.ts';
import type { Sender } from './sender.ts';

type Totals = { -readonly [Name in keyof ProtocolTotals]: ProtocolTotals[Name] };

const COUNTS = [
  'requests',
  'accepted',
  'rejected',
  'late',
  'truncated',
  'notKept',
  'limited',
  'failed',
  'bytes',
] as const satisfies readonly (keyof Sender & keyof ProtocolTotals)[];

/** Adds senders up by their protocol, of which there are as many as this program knows. */
export class ProtocolCounts {
  readonly #totals: Map<string, Totals>;

  constructor(totals: Iterable<Totals> = []) {
    this.#totals = new Map([...totals].map((each) => [each.protocol, { ...each }]));
  }

  copy(): ProtocolCounts {
    return new ProtocolCounts(this.#totals.values());
  }

  /** @param senders 1, or 0 for one that is known no more */
  add(sender: Sender, senders: 0 | 1): void {
    const { protocol, address } = sender.id;
    const totals = this.#totals.get(protocol) ?? emptyTotals(protocol);
    this.#totals.set(protocol, totals);
    for (const name of COUNTS) totals[name] = (totals[name] ?? 0) + sender[name];
    totals.senders += senders;
    const [lastError] = sender.errors;
    if (lastError && lastError.atMs >= (totals.lastError?.atMs ?? 0)) totals.lastError = lastError;
    if (sender.lastMs < totals.lastMs) return;
    totals.lastMs = sender.lastMs;
    totals.lastAddress = address;
  }

  totals(): ProtocolTotals[] {
    return [...this.#totals.values()].sort((a, b) => (a.protocol < b.protocol ? -1 : 1));
  }
}

function emptyTotals(protocol: string): Totals {
  const counts = {
    requests: 0,
    accepted: 0,
    rejected: 0,
    late: 0,
    truncated: 0,
    notKept: 0,
    limited: 0,
    failed: 0,
    bytes: 0,
  };
  return { protocol, ...counts, senders: 0, lastMs: 0, lastAddress: '' };
}
