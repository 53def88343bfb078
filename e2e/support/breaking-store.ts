import { setTimeout as pause } from 'node:timers/promises';
import type { HistoryStore } from '@/lib/history/history-port.ts';

/** A history that takes so many commits and then goes away in the middle of a body: appends fail, the rest still answers. */
export class BreakingStore {
  /** What each commit takes longer, so that others gather behind it. */
  delayMs = 0;
  #appendsLeft = Number.POSITIVE_INFINITY;
  #refusalsLeft = 0;

  readonly wrap = (store: HistoryStore): HistoryStore => {
    const append: HistoryStore['append'] = async (batch) => {
      if (this.delayMs > 0) await pause(this.delayMs);
      if (this.#appendsLeft > 0 || this.#refusalsLeft <= 0) {
        this.#appendsLeft -= 1;
        return store.append(batch);
      }
      this.#refusalsLeft -= 1;
      throw new Error('the disk has gone');
    };
    return new Proxy(store, {
      get(target, name) {
        if (name === 'append') return append;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  };

  /** It goes away after so many more commits, and refuses so many, or all until it is mended. */
  breakAfter(appends: number, refusals = Number.POSITIVE_INFINITY): void {
    this.#appendsLeft = appends;
    this.#refusalsLeft = refusals;
  }

  mend(): void {
    this.#refusalsLeft = 0;
  }
}
