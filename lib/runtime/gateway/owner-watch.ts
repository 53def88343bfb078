import type { ResourceOwner } from '@/lib/core/ledger.ts';
import { isLocked } from '@/lib/history/sqlite-lock.ts';
import type { Logger } from '../logger.ts';

const EVERY_MS = 2000;

export type OwnerWatchOptions = { readonly databaseUrl: string; readonly log: Logger; readonly owner: ResourceOwner };

/** Knows whether the process that appends to the journal is at work; without it the streams stay open and wait. */
export class OwnerWatch {
  readonly #options: OwnerWatchOptions;
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;
  isThere = true;

  constructor(options: OwnerWatchOptions) {
    this.#options = options;
    options.owner.acquire('timer');
    void this.#look();
  }

  async #look(): Promise<void> {
    const { databaseUrl, log } = this.#options;
    const isThere = await isLocked(databaseUrl).catch(() => this.isThere);
    if (this.#isClosed) return;
    if (isThere !== this.isThere) {
      if (isThere) log.info('the server is back');
      else log.warn('no server is at work on the journal; streams stay open and go on when it is back');
    }
    this.isThere = isThere;
    this.#timer = setTimeout(() => void this.#look(), EVERY_MS);
    this.#timer.unref();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    clearTimeout(this.#timer);
    this.#options.owner.release('timer');
    this.#options.owner.close();
  }
}
