import type { Sink } from '@/lib/stream/sink.ts';
import type { FrameName } from '@/lib/stream/wire-format.ts';
import type { Impairment, LineFaults } from './line-faults.ts';

const HELD_BYTES_MAX = 64 * 1024;

type Held = { readonly bytes: Uint8Array; readonly what: FrameName; readonly atMs: number };

/**
 * A connection with a bad line: holds writes back, lets them through at a rate, or repeats those with events; whole
 * writes only, in their order. Without a fault it is one comparison. It holds at most 64 KiB and one write, then says
 * that it is full as any sink does.
 */
export class FaultySink implements Sink {
  readonly #sink: Sink;
  readonly #onReady: () => void;
  readonly #faults: LineFaults;
  readonly #lot: number;
  readonly #held: Held[] = [];
  #heldBytes = 0;
  /** Sent beyond what the rate allowed, as of `#debtAtMs`; it is worked off before the next write. */
  #debtBytes = 0;
  #debtAtMs = 0;
  #owesReady = false;
  #over = false;

  /** @param lot in [0, 1), drawn at random: decides which faults hit this connection */
  constructor(sink: Sink, onReady: () => void, faults: LineFaults, lot: number) {
    this.#sink = sink;
    this.#onReady = onReady;
    this.#faults = faults;
    this.#lot = lot;
  }

  get queuedBytes(): number {
    return this.#sink.queuedBytes + this.#heldBytes;
  }

  write(bytes: Uint8Array, what: FrameName): boolean {
    return this.#faults.active === undefined ? this.#sink.write(bytes, what) : this.#impair(bytes, what);
  }

  /** What is held goes out first: a goodbye that comes early is better than events that never do. */
  end(): void {
    for (const { bytes, what } of this.#held) this.#sink.write(bytes, what);
    this.#letGo();
    this.#sink.end();
  }

  destroy(): void {
    this.#letGo();
    this.#sink.destroy();
  }

  /** Writes what is due; called at each tick while something is held, and when the faults change. */
  review(nowMs: number): void {
    const ready = this.#release(nowMs, this.#faults.impairment(this.#lot));
    if (!this.#owesReady || this.#heldBytes >= HELD_BYTES_MAX) return;
    this.#owesReady = false;
    // When everything is out and the sink is full, the sink itself will call the session.
    if (ready || this.#held.length > 0) this.#onReady();
  }

  #impair(bytes: Uint8Array, what: FrameName): boolean {
    if (this.#over) return false;
    const nowMs = this.#faults.now();
    const impairment = this.#faults.impairment(this.#lot);
    const times = impairment?.duplicate && what === 'events' ? 2 : 1;
    for (let time = 0; time < times; time += 1) this.#held.push({ bytes, what, atMs: nowMs });
    this.#heldBytes += times * bytes.length;
    const ready = this.#release(nowMs, impairment);
    this.#owesReady = this.#heldBytes >= HELD_BYTES_MAX;
    if (this.#held.length === 0) return ready;
    this.#faults.watch(this);
    return !this.#owesReady;
  }

  /** False when the last thing written filled the sink. */
  #release(nowMs: number, impairment: Impairment | undefined): boolean {
    let ready = true;
    for (let next = this.#held[0]; next && this.#isDue(next, nowMs, impairment); next = this.#held[0]) {
      this.#held.shift();
      this.#heldBytes -= next.bytes.length;
      this.#debtBytes += next.bytes.length;
      ready = this.#sink.write(next.bytes, next.what);
    }
    if (this.#held.length === 0) this.#faults.unwatch(this);
    return ready;
  }

  #isDue(held: Held, nowMs: number, impairment: Impairment | undefined): boolean {
    const { delayMs, bytesPerSecond } = impairment ?? { delayMs: 0, bytesPerSecond: Number.POSITIVE_INFINITY };
    const isLimited = bytesPerSecond !== Number.POSITIVE_INFINITY;
    const paidBytes = isLimited ? ((nowMs - this.#debtAtMs) / 1000) * bytesPerSecond : this.#debtBytes;
    this.#debtBytes = Math.max(0, this.#debtBytes - paidBytes);
    this.#debtAtMs = nowMs;
    // What is held comes out whenever it is due, not when the sink asks: a slow reader's must not pile up behind it.
    const isFull = (delayMs > 0 || isLimited) && this.#sink.queuedBytes >= HELD_BYTES_MAX;
    return !isFull && this.#debtBytes === 0 && nowMs - held.atMs >= delayMs;
  }

  #letGo(): void {
    this.#over = true;
    this.#owesReady = false;
    this.#held.length = 0;
    this.#heldBytes = 0;
    this.#faults.unwatch(this);
  }
}
