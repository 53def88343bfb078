import type { StreamSession } from './stream-session.ts';

const SLOT_MS = 250;

/**
 * One timer for all heartbeats. Each session sits in a random slot, so that ten thousand of them never beat at once,
 * and is looked at twice an interval, so that no silence is longer than the interval.
 */
export class HeartbeatWheel {
  readonly #slots: Set<StreamSession>[];
  readonly #slotOf = new Map<StreamSession, Set<StreamSession>>();
  readonly #now: () => number;
  readonly #slotMs: number;
  #timer: NodeJS.Timeout | undefined;
  #index = 0;

  constructor(heartbeatMs: number, now: () => number) {
    this.#slotMs = Math.min(SLOT_MS, heartbeatMs / 4);
    // Rounded down: one turn of the wheel may take half an interval, and no more.
    const count = Math.floor(heartbeatMs / 2 / this.#slotMs);
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
    for (const session of this.#slots[this.#index] ?? []) session.beat(nowMs);
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
