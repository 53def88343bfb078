import type { RetentionLimits } from '@/lib/history/history-port.ts';
import { StoreError } from '@/lib/history/store-error.ts';
import type { JournalView } from './journal-view.ts';

export type RetentionLoopOptions = {
  readonly journal: Pick<JournalView, 'store' | 'noteOldest'>;
  readonly limits: RetentionLimits;
  now(): number;
  onError(error: unknown): void;
};

const PAUSE_MS = 30_000;
/** Between two slices, so that appends come first. */
const SLICE_PAUSE_MS = 20;

/** Keeps the history within its age and size, a small slice at a time. */
export class RetentionLoop {
  readonly #options: RetentionLoopOptions;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  /** Size of the history as of the last slice, in bytes. */
  bytes = 0;
  removed = 0;

  constructor(options: RetentionLoopOptions) {
    this.#options = options;
    this.#next(SLICE_PAUSE_MS);
  }

  #next(pauseMs: number): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.#slice(), pauseMs);
    this.#timer.unref();
  }

  async #slice(): Promise<void> {
    const { journal, limits, now, onError } = this.#options;
    let pauseMs = PAUSE_MS;
    try {
      const result = await journal.store.retain(limits, now());
      this.bytes = result.bytes;
      this.removed += result.removed;
      if (result.removed > 0) {
        journal.noteOldest(result.oldestSeq);
        pauseMs = SLICE_PAUSE_MS;
      }
    } catch (error) {
      // That the history is away is told by its guard.
      if (!this.#stopped && !(error instanceof StoreError)) onError(error);
    }
    this.#next(pauseMs);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}
