import { Session } from 'node:inspector/promises';
import type { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { getHeapSnapshot } from 'node:v8';
import { AppError } from '@/lib/core/errors.ts';

/** Whoever takes longer to fetch a snapshot keeps twice the memory from the server. */
const SNAPSHOT_MS_MAX = 600_000;
const BUSY_RETRY_S = 10;

type MemoryRoom = () => { readonly usedBytes: number; readonly availableBytes: number };

/** Of this process and its control group or machine. */
const measuredRoom: MemoryRoom = () => ({
  usedBytes: process.memoryUsage.rss(),
  availableBytes: process.availableMemory(),
});

/** Looks into this process at a price: the loop stands still, the memory doubles. So one look at a time. */
export class Diagnostics {
  readonly #room: MemoryRoom;
  #isBusy = false;

  constructor(room: MemoryRoom = measuredRoom) {
    this.#room = room;
  }

  /**
   * A heap snapshot as JSON, for the developer tools of a browser. The loop stands still for about a second per 100 MB.
   * Throws AppError `rate-limited` while another look is taken, `memory-pressure` where it would not fit.
   */
  heapSnapshot(signal: AbortSignal): Readable {
    const { usedBytes, availableBytes } = this.#room();
    if (usedBytes > availableBytes) {
      const mib = (bytes: number): number => Math.round(bytes / 1024 / 1024);
      throw new AppError(
        'memory-pressure',
        `a snapshot may need as much memory again as the ${mib(usedBytes)} MiB in use, and ${mib(availableBytes)} MiB are left; free some first`,
        { retryAfterS: 60 },
      );
    }
    this.#begin();
    const snapshot = getHeapSnapshot();
    const stop = (): void => void snapshot.destroy();
    const overdue = setTimeout(stop, SNAPSHOT_MS_MAX);
    signal.addEventListener('abort', stop, { once: true });
    snapshot.once('close', () => {
      clearTimeout(overdue);
      signal.removeEventListener('abort', stop);
      this.#isBusy = false;
    });
    if (signal.aborted) stop();
    return snapshot;
  }

  /**
   * A CPU profile of so many seconds as JSON, shorter when the signal aborts.
   * Throws AppError `rate-limited` while another look is taken.
   */
  async cpuProfile(seconds: number, signal: AbortSignal): Promise<string> {
    this.#begin();
    const session = new Session();
    try {
      session.connect();
      await session.post('Profiler.enable');
      await session.post('Profiler.start');
      await pause(seconds * 1000, undefined, { signal }).catch(() => undefined);
      const { profile } = await session.post('Profiler.stop');
      return JSON.stringify(profile);
    } finally {
      session.disconnect();
      this.#isBusy = false;
    }
  }

  #begin(): void {
    if (this.#isBusy) {
      const says = `a snapshot or a profile is being taken; try again in ${BUSY_RETRY_S} s`;
      throw new AppError('rate-limited', says, { retryAfterS: BUSY_RETRY_S });
    }
    this.#isBusy = true;
  }
}
