import { connect } from 'node:net';
import type { Random } from '../support/random.ts';
import type { Tally } from './tally.ts';
import type { Target } from './viewer.ts';

const PARALLEL_MAX = 100;
/** Who stays for long is a viewer. */
const STAY_MS_MAX = 250;
const GIVE_UP_MS = 10_000;
const ENDS = ['before-answer', 'first-bytes', 'after-a-while'] as const;

/** Connections that break off: before the answer, on the first bytes, after a while; by FIN or, mostly, by RST. */
export class Churn {
  readonly #target: Target;
  readonly #tally: Tally;
  readonly #random: Random;
  readonly #buffer = Buffer.allocUnsafe(16 * 1024);
  #due = 0;
  #lastMs = performance.now();
  #under = 0;
  #left = 0;
  /** Infinity: as fast as it goes. */
  ratePerSecond = 0;

  constructor(target: Target, tally: Tally, random: Random) {
    this.#target = target;
    this.#tally = tally;
    this.#random = random;
  }

  /** How many there may be in all from here on. */
  allow(total: number): void {
    this.#left = total;
  }

  tick(nowMs: number): void {
    const elapsedS = (nowMs - this.#lastMs) / 1000;
    this.#lastMs = nowMs;
    if (this.ratePerSecond === 0) this.#due = 0;
    else if (this.ratePerSecond === Number.POSITIVE_INFINITY) this.#due = PARALLEL_MAX;
    else this.#due = Math.min(this.#due + elapsedS * this.ratePerSecond, PARALLEL_MAX);
    this.#go();
  }

  #go(): void {
    while (this.#due >= 1 && this.#left > 0 && this.#under < PARALLEL_MAX) {
      this.#due -= 1;
      this.#left -= 1;
      this.#visit();
    }
  }

  #visit(): void {
    const end = this.#random.pick(ENDS);
    const isReset = this.#random.next() < 0.8;
    const leave = (): void => void (isReset ? socket.resetAndDestroy() : socket.destroy());
    const onread = {
      buffer: this.#buffer,
      callback: () => {
        if (end === 'first-bytes') leave();
        return true;
      },
    };
    this.#under += 1;
    this.#tally.counts.attempts += 1;
    const socket = connect({ ...this.#target, noDelay: true, onread });
    const { host, port } = this.#target;
    const request = `GET /api/stream HTTP/1.1\r\nHost: ${host}:${port}\r\nAccept: text/event-stream\r\n\r\n`;
    socket.write(request, () => {
      if (end === 'before-answer') leave();
    });
    const stayMs = end === 'after-a-while' ? this.#random.next() * STAY_MS_MAX : GIVE_UP_MS;
    const timer = setTimeout(leave, stayMs);
    socket.on('error', (error: NodeJS.ErrnoException) => {
      // A server that refuses ends the connection first, which is its right.
      if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') this.#tally.error('connect', error.message);
    });
    socket.on('close', () => {
      clearTimeout(timer);
      this.#under -= 1;
      this.#tally.counts.churned += 1;
      if (this.ratePerSecond === Number.POSITIVE_INFINITY) {
        this.#due = PARALLEL_MAX;
        this.#go();
      }
    });
  }
}
