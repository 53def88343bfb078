import type { MixedFilter } from './filter-mix.ts';
import type { SparseHistogram } from './histogram.ts';
import type { Counts, ErrorKind } from './tally.ts';
import type { Target } from './viewer.ts';

/** What a worker is told when it starts; its share of everything is `index` of `of`. */
export type WorkerSetup = {
  readonly index: number;
  readonly of: number;
  readonly target: Target;
  readonly filters: readonly MixedFilter[];
  readonly slowBytes: number;
  readonly acks: boolean;
  readonly publishers: number;
  readonly churnTotal: number;
  /** More than one source address is used when there are not ports enough for one. */
  readonly addresses: readonly string[];
  readonly seed: number;
};

/** What should be, of this worker; `churn` -1 is as fast as it goes. */
export type Aim = {
  readonly viewers: number;
  readonly slow: number;
  readonly rate: number;
  readonly churn: number;
  readonly isMeasuring: boolean;
};

export type Order =
  | { readonly kind: 'setup'; readonly setup: WorkerSetup }
  | { readonly kind: 'aim'; readonly aim: Aim }
  /** All streams are broken off now. */
  | { readonly kind: 'storm' }
  /** Seq of the last event of each filter: who has not got that is not settled. */
  | { readonly kind: 'settle'; readonly lastSeqs: readonly number[] }
  | { readonly kind: 'report' }
  | { readonly kind: 'end' };

/** The state of a worker, when it is asked and at its end. Counts since it began, latency since the last report. */
export type WorkerReport = {
  readonly counts: Counts;
  readonly examples: Partial<Record<ErrorKind, string>>;
  readonly open: number;
  readonly wanted: number;
  readonly latency: SparseHistogram;
  readonly isPublishing: boolean;
  readonly unsettled: number;
  readonly storm: StormReport;
  readonly loopDelayP99Ms: number;
  /** Of one core. */
  readonly cpuShare: number;
  readonly acksSupported: boolean;
};

/** The last storm: who was dropped, who is back, and when they came, in tenths of a second. */
export type StormReport = {
  readonly dropped: number;
  readonly recovered: number;
  readonly lastMs: number;
  readonly bins: readonly number[];
};
