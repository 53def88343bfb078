import type { ReadableEvent } from '@/lib/journal/journal-reader.ts';

/** Longest single wait, so that a stream that is being closed does not keep a timer for hours. */
const WAIT_MS_MAX = 1000;

/**
 * Replays at a multiple of the pace at which the events happened: event time runs `speed` times as fast as the clock,
 * starting with the first event.
 */
export class ReplayPacer {
  readonly #speed: number;
  #startedMs: number | undefined;
  #firstMs = 0;

  constructor(speed: number) {
    this.#speed = speed;
  }

  /** How many of these events are due, and how long to wait when none is. */
  due(events: readonly ReadableEvent[], nowMs: number): { count: number; waitMs: number } {
    const first = events[0];
    if (!first) return { count: 0, waitMs: 0 };
    if (this.#startedMs === undefined) {
      this.#startedMs = nowMs;
      this.#firstMs = timeMsOf(first.body);
    }
    const reachedMs = this.#firstMs + (nowMs - this.#startedMs) * this.#speed;
    const later = events.findIndex((event) => timeMsOf(event.body) > reachedMs);
    if (later !== 0) return { count: later === -1 ? events.length : later, waitMs: 0 };
    return { count: 0, waitMs: Math.min(Math.ceil((timeMsOf(first.body) - reachedMs) / this.#speed), WAIT_MS_MAX) };
  }
}

const TIME = /^\{"kind":"(?:log|metric)","time":"([^"]+)"/;

/** `kind` and `time` come first in every body, see `prepareEvent`. */
function timeMsOf(body: string): number {
  return Date.parse(TIME.exec(body)?.[1] ?? '');
}
