import type { ProtocolTotals, SenderRow } from '@/lib/wire/source-pages.ts';
import { ProtocolCounts } from './protocol-counts.ts';
import { Sender, type SenderId } from './sender.ts';

const SENDERS_MAX = 1000;

/** Everybody who has sent something since the start; beyond a bound those that have been silent the longest are forgotten. */
export class SenderBook {
  readonly #now: () => number;
  readonly #senders = new Map<string, Sender>();
  /** What senders that are forgotten have sent: the sums of a protocol never fall. */
  readonly #gone = new ProtocolCounts();
  readonly startedMs: number;
  /** How many were forgotten to stay within the bound. */
  forgotten = 0;

  constructor(now: () => number) {
    this.#now = now;
    this.startedMs = now();
  }

  of(id: SenderId): Sender {
    const key = JSON.stringify([id.protocol, id.address, id.credential]);
    const known = this.#senders.get(key);
    if (known) return known;
    if (this.#senders.size >= SENDERS_MAX) this.#forgetOne();
    const sender = new Sender(id, this.#now());
    this.#senders.set(key, sender);
    return sender;
  }

  get senders(): IterableIterator<Sender> {
    return this.#senders.values();
  }

  rows(): SenderRow[] {
    const nowMs = this.#now();
    return [...this.#senders.values()].map((sender) => sender.row(nowMs));
  }

  /** The sums of each protocol, by its name. */
  protocols(): ProtocolTotals[] {
    const counts = this.#gone.copy();
    for (const sender of this.#senders.values()) counts.add(sender, 1);
    return counts.totals();
  }

  #forgetOne(): void {
    let oldest: [string, Sender] | undefined;
    for (const entry of this.#senders) if (!oldest || entry[1].lastMs < oldest[1].lastMs) oldest = entry;
    if (!oldest) return;
    this.#senders.delete(oldest[0]);
    this.#gone.add(oldest[1], 0);
    this.forgotten += 1;
  }
}
