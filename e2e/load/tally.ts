import { Histogram, type SparseHistogram } from './histogram.ts';

/** What went wrong, by kind; each is one attempt that failed. */
export const ERROR_KINDS = ['connect', 'dropped', 'status', 'protocol', 'silent', 'publish', 'ack'] as const;
export type ErrorKind = (typeof ERROR_KINDS)[number];

/** `missed`: told as lost in a gap; `lost`: not told. `refused`: told to come back later, which is no error. */
export const COUNTERS = [
  'attempts',
  'opened',
  'resumed',
  'refused',
  'deliveries',
  'bytes',
  'published',
  'posts',
  'acks',
  'churned',
  'lost',
  'repeated',
  'missed',
  'resets',
  ...ERROR_KINDS,
] as const;
export type Counter = (typeof COUNTERS)[number];
export type Counts = Record<Counter, number>;

export function noCounts(): Counts {
  return Object.fromEntries(COUNTERS.map((counter) => [counter, 0])) as Counts;
}

export function errorsOf(counts: Counts): number {
  return ERROR_KINDS.reduce((sum, kind) => sum + counts[kind], 0);
}

/** What one worker has seen since it began, shared by all its virtual users. */
export class Tally {
  readonly counts = noCounts();
  readonly #latency = new Histogram();
  /** A sentence for each kind of error, of its first case. */
  readonly examples: Partial<Record<ErrorKind, string>> = {};
  isMeasuring = false;

  error(kind: ErrorKind, example: string): void {
    this.counts[kind] += 1;
    this.examples[kind] ??= example.slice(0, 300);
  }

  latency(ms: number): void {
    if (this.isMeasuring) this.#latency.record(ms);
  }

  takeLatency(): SparseHistogram {
    return this.#latency.take();
  }
}
