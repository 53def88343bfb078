import { IntervalBuckets } from './interval-buckets.ts';
import { RunningTotals } from './running-totals.ts';
import { SeriesBegins } from './series-begins.ts';

/**
 * What has to be remembered from one data point of a series to the next; one for all requests of a server, whose routes are
 * bundled apart from it: no class of ours may go in or out.
 */
export class MetricMemory {
  readonly totals = new RunningTotals();
  readonly begins = new SeriesBegins();
  readonly intervals = new IntervalBuckets();
}
