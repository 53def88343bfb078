import type { ExponentialBuckets, ExponentialPoint, HistogramPoint } from './otlp-model.ts';

/** How often measurements fell between which edges: `counts[i]` between `edges[i]` and `edges[i + 1]`, in ascending order. */
export type Distribution = { readonly edges: readonly number[]; readonly counts: readonly number[] };

export type Buckets =
  | Pick<HistogramPoint, 'bounds' | 'counts'>
  | Pick<ExponentialPoint, 'scale' | 'zeroCount' | 'zeroThreshold' | 'positive' | 'negative'>;

export type Extremes = { readonly min: number | undefined; readonly max: number | undefined };

/** The outermost buckets are open: what is known of the extremes closes them, or else the nearest edge. */
export function distributionOf(buckets: Buckets, { min, max }: Extremes): Distribution {
  if ('scale' in buckets) return exponentialOf(buckets);
  const { bounds, counts } = buckets;
  const [first = 0] = bounds;
  const last = bounds.at(-1) ?? 0;
  const low = Math.min(min ?? (first > 0 ? 0 : first), first);
  return { edges: [low, ...bounds, Math.max(max ?? last, last)], counts };
}

function exponentialOf(buckets: Extract<Buckets, { scale: number }>): Distribution {
  const { scale, zeroCount, zeroThreshold, positive, negative } = buckets;
  const edge = (index: number): number => 2 ** (index * 2 ** -scale);
  const edges = negative.counts.map((_, index) => -edge(negative.offset + index + 1)).reverse();
  const counts = [...negative.counts].reverse();
  // From the largest negative bucket to the smallest positive one everything is zero, or nearly.
  edges.push(negative.counts.length > 0 ? -edge(negative.offset) : -zeroThreshold);
  counts.push(zeroCount);
  edges.push(positive.counts.length > 0 ? edge(positive.offset) : zeroThreshold);
  for (const [index, count] of positive.counts.entries()) {
    counts.push(count);
    edges.push(edge(positive.offset + index + 1));
  }
  return { edges, counts };
}

/** What came since; undefined where the one does not go on from the other: it was restarted, or divided anew. */
export function minus(now: Buckets, before: Buckets): Buckets | undefined {
  if ('scale' in now) return 'scale' in before ? minusExponential(now, before) : undefined;
  if ('scale' in before || now.bounds.length !== before.bounds.length) return undefined;
  if (now.bounds.some((bound, index) => bound !== before.bounds[index])) return undefined;
  const counts = now.counts.map((count, index) => count - (before.counts[index] ?? 0));
  return counts.some((count) => count < 0) ? undefined : { bounds: now.bounds, counts };
}

type Exponential = Extract<Buckets, { scale: number }>;

/** An exponential histogram is made coarser as it grows: compared on the coarser of the two scales. */
function minusExponential(now: Exponential, before: Exponential): Exponential | undefined {
  const scale = Math.min(now.scale, before.scale);
  const positive = minusBuckets(
    coarser(now.positive, now.scale - scale),
    coarser(before.positive, before.scale - scale),
  );
  const negative = minusBuckets(
    coarser(now.negative, now.scale - scale),
    coarser(before.negative, before.scale - scale),
  );
  const zeroCount = now.zeroCount - before.zeroCount;
  if (!positive || !negative || zeroCount < 0 || now.zeroThreshold !== before.zeroThreshold) return undefined;
  return { scale, zeroCount, zeroThreshold: now.zeroThreshold, positive, negative };
}

function coarser({ offset, counts }: ExponentialBuckets, steps: number): ExponentialBuckets {
  if (steps === 0 || counts.length === 0) return { offset, counts };
  const width = 2 ** steps;
  const first = Math.floor(offset / width);
  const merged: number[] = [];
  for (const [index, count] of counts.entries()) {
    const at = Math.floor((offset + index) / width) - first;
    merged[at] = (merged[at] ?? 0) + count;
  }
  return { offset: first, counts: merged };
}

function minusBuckets(now: ExponentialBuckets, before: ExponentialBuckets): ExponentialBuckets | undefined {
  const counts = [...now.counts];
  for (const [index, count] of before.counts.entries()) {
    if (count === 0) continue;
    const at = before.offset + index - now.offset;
    const left = (counts[at] ?? 0) - count;
    if (left < 0) return undefined;
    counts[at] = left;
  }
  return { offset: now.offset, counts };
}

/** An estimate, by going on in a straight line within a bucket; undefined where nothing was measured. */
export function quantileOf({ edges, counts }: Distribution, quantile: number): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total <= 0) return undefined;
  const rank = quantile * total;
  let before = 0;
  for (const [index, count] of counts.entries()) {
    if (count > 0 && before + count >= rank) {
      const low = edges[index] ?? 0;
      const high = edges[index + 1] ?? low;
      return low + (high - low) * ((rank - before) / count);
    }
    before += count;
  }
  return edges.at(-1);
}
