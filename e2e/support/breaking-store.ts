import type { HistoryStore } from '@/lib/history/history-port.ts';

/** A history that takes so many commits and then goes away in the middle of a body: appends fail, the rest still answers. */
export class BreakingStore {
  /** Commits that are still taken. */
  appendsLeft = Number.POSITIVE_INFINITY;
  /** Commits that were refused. */
  refused = 0;

  readonly wrap = (store: HistoryStore): HistoryStore => {
    const append: HistoryStore['append'] = (batch) => {
      if (this.appendsLeft > 0) {
        this.appendsLeft -= 1;
        return store.append(batch);
      }
      this.refused += 1;
      return Promise.reject(new Error('the disk has gone'));
    };
    return new Proxy(store, {
      get(target, name) {
        if (name === 'append') return append;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  };

  /** It goes away after so many more commits. */
  breakAfter(appends: number): void {
    this.appendsLeft = appends;
  }

  mend(): void {
    this.appendsLeft = Number.POSITIVE_INFINITY;
  }
}
