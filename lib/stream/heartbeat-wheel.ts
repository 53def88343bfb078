import type { StreamSession } from './stream-session.ts';

const SLOT_MS_MAX = 250;
/** Every session is looked at so often in an interval: often enough that a heartbeat comes late in it and not after it. */
const LOOKS = 6;
/** How much of a turn's lateness counts for the next ones: it is remembered for about twenty turns. */
const LATENESS_SHARE = 0.05;

/**
 * One timer for all that is due by time. Each session sits in a random slot, so that ten thousand of them never beat at
 * once. Cheap to look at, expensive to beat: a heartbeat costs some 25 µs here, and as much on the other side.
 */
export class HeartbeatWheel {
  readonly #slots: Set<StreamSession>[];
  readonly #slotOf = new Map<StreamSession, Set<StreamSession>>();
  readonly #now: () => number;
  readonly #isBusy: () => boolean;
  readonly #slotMs: number;
  #timer: NodeJS.Timeout | undefined;
  #index = 0;
  #turnedMs: number | undefined;
  /** How many times as long as they should the last turns have taken: 1 when all is well. */
  #lateness = 1;

  /** @param isBusy what clients have said may be waiting, for another reason than that the turns come late */
  constructor(heartbeatMs: number, now: () => number, isBusy: () => boolean = () => false) {
    this.#isBusy = isBusy;
    this.#slotMs = Math.min(SLOT_MS_MAX, heartbeatMs / LOOKS / 2);
    // Rounded down: one turn of the wheel may take a look's share of the interval, and no more.
    const count = Math.floor(heartbeatMs / LOOKS / this.#slotMs);
    this.#slots = Array.from({ length: count }, () => new Set());
    this.#now = now;
  }

  add(session: StreamSession): void {
    const slot = this.#slots[Math.floor(Math.random() * this.#slots.length)] as Set<StreamSession>;
    slot.add(session);
    session.resources.acquire('wheel-slot');
    this.#slotOf.set(session, slot);
    this.#timer ??= setInterval(() => this.turn(), this.#slotMs);
  }

  remove(session: StreamSession): void {
    const slot = this.#slotOf.get(session);
    if (!slot) return;
    slot.delete(session);
    this.#slotOf.delete(session);
    session.resources.release('wheel-slot');
    if (this.#slotOf.size === 0) this.stop();
  }

  /** One slot further; the timer calls it, and tests do. */
  turn(): void {
    this.#index = (this.#index + 1) % this.#slots.length;
    const nowMs = this.#now();
    const took = (nowMs - (this.#turnedMs ?? nowMs - this.#slotMs)) / this.#slotMs;
    this.#turnedMs = nowMs;
    this.#lateness += (took - this.#lateness) * LATENESS_SHARE;
    // A server that is late itself has not heard what clients have said: it must not give them up for silence.
    const isLate = this.#lateness > 1.5 || this.#isBusy();
    for (const session of this.#slots[this.#index] ?? []) session.beat(nowMs, isLate);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#turnedMs = undefined;
  }
}
