import { type Buckets, minus } from './distribution.ts';
import { BEGAN_NANOS_MAX } from './series-begins.ts';
import { SeriesMemory } from './series-memory.ts';

/** Numbers in all buckets together: about 3,000 histograms of 160 buckets. */
const WEIGHT_MAX = 1_000_000;

type Seen = { readonly startNanos: number; readonly timeNanos: number; readonly buckets: Buckets };
type Entry = { readonly last: Seen; readonly before: Seen | undefined };

/**
 * What came between one cumulative histogram and the next: a quantile of everything since the start of a process hardly
 * moves any more after a day.
 */
export class IntervalBuckets {
  readonly #series = new SeriesMemory<Entry>(
    WEIGHT_MAX,
    ({ last, before }) => weigh(last) + (before ? weigh(before) : 0),
  );

  /** Undefined where nothing is known of what came before this point. */
  since(key: string, seen: Seen): Buckets | undefined {
    const entry = this.#series.get(key);
    if (entry && seen.timeNanos < entry.last.timeNanos) return undefined;
    const before = entry && seen.timeNanos === entry.last.timeNanos ? entry.before : entry?.last;
    this.#series.set(key, { last: seen, before });
    if (before && before.startNanos === seen.startNanos) {
      const since = minus(seen.buckets, before.buckets);
      if (since) return since;
    }
    // It was restarted, or has only just begun: all that is in it came since.
    const isFresh = before !== undefined || seen.timeNanos - seen.startNanos <= BEGAN_NANOS_MAX;
    return isFresh ? seen.buckets : undefined;
  }
}

function weigh({ buckets }: Seen): number {
  if ('scale' in buckets) return 8 + buckets.positive.counts.length + buckets.negative.counts.length;
  return 4 + buckets.bounds.length + buckets.counts.length;
}
