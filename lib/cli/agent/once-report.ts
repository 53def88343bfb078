import type { FileFollower } from './file-follower.ts';
import type { SendTotals } from './send-totals.ts';

const PROGRESS_MS = 250;

/** How far it has come, for a terminal, and what it came to at the end. */
export class OnceReport {
  readonly #totals: SendTotals;
  readonly #followers: readonly FileFollower[];
  readonly #progress: ((text: string) => void) | undefined;
  readonly #startedMs = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;

  constructor(totals: SendTotals, followers: readonly FileFollower[], progress: ((text: string) => void) | undefined) {
    this.#totals = totals;
    this.#followers = followers;
    this.#progress = progress;
    if (progress) this.#timer = setInterval(() => progress(this.#line()), PROGRESS_MS);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#progress?.('');
  }

  summary(): string {
    const { accepted, refused, bytes } = this.#totals;
    const files = this.#followers.length;
    const what = `${count(accepted)} ${accepted === 1 ? 'event' : 'events'} of ${count(files)} ${files === 1 ? 'file' : 'files'}`;
    const seconds = (performance.now() - this.#startedMs) / 1000;
    return `${what} stored (${megabytes(bytes)} in ${seconds.toFixed(1)} s), ${count(refused)} refused`;
  }

  #line(): string {
    let [size, read] = [0, 0];
    for (const { progress } of this.#followers) {
      size += progress.size;
      read += progress.read;
    }
    const percent = size === 0 ? 0 : Math.floor((100 * read) / size);
    const perSecond = this.#totals.accepted / ((performance.now() - this.#startedMs) / 1000);
    return `${percent} % of ${megabytes(size)}, ${count(this.#totals.accepted)} events, ${count(Math.round(perSecond))} a second`;
  }
}

/** The same whatever the locale. */
function count(value: number): string {
  return value.toLocaleString('en-US');
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
