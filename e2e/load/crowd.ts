import { AckSender } from './ack-sender.ts';
import type { Aim, WorkerSetup } from './messages.ts';
import { RunCache } from './run-cache.ts';
import { StormWatch } from './storm-watch.ts';
import type { Tally } from './tally.ts';
import { Viewer } from './viewer.ts';

const READ_BYTES = 256 * 1024;
const CACHE_BYTES_MAX = 32 * 1024 * 1024;
/** Opened at once at most, so that the accept queue of the machine is not what is measured. */
const OPENS_PER_TICK_MAX = 100;

/** All viewers of a worker, fast and slow. */
export class Crowd {
  readonly #setup: WorkerSetup;
  readonly #tally: Tally;
  readonly #buffer = Buffer.allocUnsafe(READ_BYTES);
  readonly #caches: readonly RunCache[];
  readonly #fast: Viewer[] = [];
  readonly #slow: Viewer[] = [];
  readonly storm = new StormWatch();
  readonly acks: AckSender;
  #lastSeqs: readonly number[] | undefined;

  constructor(setup: WorkerSetup, tally: Tally) {
    this.#setup = setup;
    this.#tally = tally;
    this.#caches = setup.filters.map(() => new RunCache(CACHE_BYTES_MAX / setup.filters.length));
    this.acks = new AckSender(setup.target, tally);
    if (!setup.acks) this.acks.isSupported = false;
  }

  get open(): number {
    return this.#all().reduce((sum, viewer) => sum + (viewer.isOpen ? 1 : 0), 0);
  }

  /** Fast viewers that have not got the last event of their filter. */
  get unsettled(): number {
    const { filters } = this.#setup;
    const seqs = this.#lastSeqs;
    if (!seqs) return this.#fast.length;
    return this.#fast.filter(({ scanner }, index) => scanner.lastEvent < (seqs[index % filters.length] ?? 0)).length;
  }

  settle(lastSeqs: readonly number[]): void {
    this.#lastSeqs = lastSeqs;
  }

  tick({ viewers, slow }: Aim, nowMs: number): void {
    this.#grow(this.#fast, viewers, false, nowMs);
    this.#grow(this.#slow, slow, true, nowMs);
    for (const viewer of this.#fast) viewer.tick(nowMs);
    for (const viewer of this.#slow) viewer.tick(nowMs);
    this.acks.tick(this.#all(), nowMs);
  }

  breakOff(nowMs: number): void {
    this.storm.begin(this.#fast, nowMs);
    for (const viewer of this.#slow) viewer.drop(nowMs);
  }

  close(): void {
    for (const viewer of this.#all()) viewer.close();
    this.acks.close();
  }

  #all(): Viewer[] {
    return this.#slow.length === 0 ? this.#fast : [...this.#fast, ...this.#slow];
  }

  #grow(viewers: Viewer[], wanted: number, isSlow: boolean, nowMs: number): void {
    while (viewers.length > wanted) viewers.pop()?.close();
    for (let opened = 0; viewers.length < wanted && opened < OPENS_PER_TICK_MAX; opened += 1) {
      const viewer = this.#make(viewers.length, isSlow);
      viewers.push(viewer);
      viewer.open(nowMs);
    }
  }

  #make(index: number, isSlow: boolean): Viewer {
    const { filters, target, addresses, acks, slowBytes } = this.#setup;
    const { query = '' } = filters[index % filters.length] ?? {};
    const viewer = new Viewer({
      target,
      query: [query, acks ? 'ack=1' : ''].filter((part) => part !== '').join('&'),
      isFetch: index % 2 === 1,
      localAddress: addresses[index % addresses.length],
      tally: this.#tally,
      // A slow one sees nothing at the same time as others.
      cache: isSlow ? undefined : this.#caches[index % filters.length],
      buffer: this.#buffer,
      bytesPerSecond: isSlow ? slowBytes : undefined,
    });
    viewer.onOpened = () => this.storm.returned(viewer);
    viewer.onLive = () => this.storm.caughtUp(viewer);
    return viewer;
  }
}
