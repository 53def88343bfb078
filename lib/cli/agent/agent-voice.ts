import { harmless } from '../harmless.ts';

/** Sentences about refused events within one window of time; more are only counted. */
const REFUSALS_TOLD_MAX = 5;
const REFUSALS_WINDOW_MS = 10_000;

/** Says in words what happens to what is sent: once for each thing that happens, however often it is tried again. */
export class AgentVoice {
  readonly #url: string;
  readonly #tell: (sentence: string) => void;
  readonly #now: () => number;
  #failingSinceMs: number | undefined;
  #windowEndsMs = Number.NEGATIVE_INFINITY;
  #toldInWindow = 0;
  #untold = 0;

  /** @param now in ms, monotonic */
  constructor(url: string, tell: (sentence: string) => void, now: () => number = () => performance.now()) {
    this.#url = url;
    this.#tell = tell;
    this.#now = now;
  }

  say(sentence: string): void {
    this.#tell(`-- ${harmless(sentence)}`);
  }

  failing(cause: string): void {
    if (this.#failingSinceMs !== undefined) return;
    this.#failingSinceMs = this.#now();
    this.say(`${this.#url} takes nothing: ${cause}; trying again`);
  }

  well(): void {
    if (this.#failingSinceMs === undefined) return;
    const seconds = ((this.#now() - this.#failingSinceMs) / 1000).toFixed(1);
    this.#failingSinceMs = undefined;
    this.say(`${this.#url} takes events again, after ${seconds} s`);
  }

  /** @param errors the first of them in words */
  refused(where: string, count: number, errors: readonly { readonly error: string }[]): void {
    if (count === 0) return;
    if (this.#now() >= this.#windowEndsMs) {
      this.tellUntold();
      this.#windowEndsMs = this.#now() + REFUSALS_WINDOW_MS;
      this.#toldInWindow = 0;
    }
    const told = errors.slice(0, REFUSALS_TOLD_MAX - this.#toldInWindow);
    this.#toldInWindow += told.length;
    this.#untold += count - told.length;
    for (const { error } of told) this.say(`${where}: an event was refused: ${error}`);
  }

  /** What was only counted so far. */
  tellUntold(): void {
    if (this.#untold > 0) this.say(`${this.#untold.toLocaleString('en-US')} more events were refused`);
    this.#untold = 0;
  }
}
