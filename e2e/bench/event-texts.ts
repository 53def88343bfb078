import { logLine } from './log-lines.ts';

/** Events as the bare servers send them: what Tailrace would, without anything that finds out what to send. */
export class EventTexts {
  readonly #ratePerSecond: number;
  #lastMs = performance.now();
  #due = 0;
  #seq = 0;

  constructor(ratePerSecond: number) {
    this.#ratePerSecond = ratePerSecond;
  }

  /** What is due since the last call: one JSON object an event, each with its position and the one before. */
  next(): string[] {
    const nowMs = performance.now();
    this.#due += ((nowMs - this.#lastMs) / 1000) * this.#ratePerSecond;
    this.#lastMs = nowMs;
    const texts: string[] = [];
    for (; this.#due >= 1; this.#due -= 1) {
      this.#seq += 1;
      const head = `"position":"AAAAAAAA.${this.#seq}","prev":"AAAAAAAA.${this.#seq - 1}"`;
      texts.push(`{${head},"time":"${new Date().toISOString()}",${logLine(this.#seq).slice(1)}`);
    }
    return texts;
  }
}
