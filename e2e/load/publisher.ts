import { setTimeout as pause } from 'node:timers/promises';
import { ndjson } from '../bench/log-lines.ts';
import { RequestLane } from './request-lane.ts';
import type { Tally } from './tally.ts';
import type { Target } from './viewer.ts';

const TURN_MS = 50;
const LANES_MAX = 8;
/** A server that is away for long is owed no more than this; what is beyond shows as a rate not reached. */
const DUE_EVENTS_MAX = 50_000;
const BODY_EVENTS_MAX = 5000;
const RETRY_MS = 250;

/** Sends log lines at a steady rate, some every 50 ms, each body until it has been taken: a retry repeats nothing. */
export class Publisher {
  readonly #tally: Tally;
  readonly #name: string;
  readonly #lanes: readonly RequestLane[];
  readonly #timer: NodeJS.Timeout;
  #due = 0;
  #lastMs = performance.now();
  #index = 0;
  #bodies = 0;
  ratePerSecond = 0;

  constructor(target: Target, tally: Tally, name: string) {
    this.#tally = tally;
    this.#name = name;
    this.#lanes = Array.from({ length: LANES_MAX }, () => new RequestLane(target));
    this.#timer = setInterval(() => this.#turn(), TURN_MS);
  }

  get isBusy(): boolean {
    return this.#lanes.some((lane) => lane.isBusy);
  }

  close(): void {
    clearInterval(this.#timer);
    this.ratePerSecond = 0;
    for (const lane of this.#lanes) lane.close();
  }

  #turn(): void {
    const nowMs = performance.now();
    this.#due = Math.min(this.#due + ((nowMs - this.#lastMs) / 1000) * this.ratePerSecond, DUE_EVENTS_MAX);
    this.#lastMs = nowMs;
    if (this.ratePerSecond === 0) this.#due = 0;
    const count = Math.min(Math.floor(this.#due), BODY_EVENTS_MAX);
    const lane = this.#lanes.find(({ isBusy }) => !isBusy);
    if (count === 0 || !lane) return;
    this.#due -= count;
    const body = ndjson(this.#index, count);
    this.#index += count;
    void this.#send(lane, body, count);
  }

  async #send(lane: RequestLane, body: string, count: number): Promise<void> {
    const key = `Idempotency-Key: ${this.#name}-${this.#bodies++}\r\n`;
    const { counts } = this.#tally;
    do {
      counts.posts += 1;
      const waitMs = await this.#tryOnce(lane, body, key);
      if (waitMs === 0) counts.published += count;
      if (waitMs <= 0) return;
      await pause(waitMs);
    } while (this.ratePerSecond > 0);
  }

  /** 0: taken; negative: will never be; else after so many ms again. */
  async #tryOnce(lane: RequestLane, body: string, key: string): Promise<number> {
    try {
      const { head } = await lane.post('/api/events', 'application/x-ndjson', body, key);
      if (head.status === 200) return 0;
      this.#tally.error('publish', `events were answered with ${head.status}`);
      if (head.status !== 429 && head.status < 500) return -1;
      return Number(head.headers.get('retry-after') ?? 0) * 1000 || RETRY_MS;
    } catch (error) {
      if (this.ratePerSecond > 0) this.#tally.error('publish', (error as Error).message);
      return RETRY_MS;
    }
  }
}
