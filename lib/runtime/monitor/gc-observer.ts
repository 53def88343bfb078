import { constants, PerformanceObserver } from 'node:perf_hooks';
import { GC_BUCKETS_MS } from '@/lib/wire/system-pages.ts';

const KINDS: Readonly<Record<number, string>> = {
  [constants.NODE_PERFORMANCE_GC_MINOR]: 'minor',
  [constants.NODE_PERFORMANCE_GC_MAJOR]: 'major',
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL]: 'incremental',
  [constants.NODE_PERFORMANCE_GC_WEAKCB]: 'weakcb',
};

export type GcPauses = { readonly kind: string; count: number; totalMs: number; readonly buckets: number[] };

/** Pauses by kind and length since the start. */
export class GcHistogram {
  readonly kinds: readonly GcPauses[] = Object.values(KINDS).map((kind) => ({
    kind,
    count: 0,
    totalMs: 0,
    buckets: new Array<number>(GC_BUCKETS_MS.length + 1).fill(0),
  }));
  totalMs = 0;

  add(kind: string, pauseMs: number): void {
    this.totalMs += pauseMs;
    const pauses = this.kinds.find((known) => known.kind === kind);
    if (!pauses) return;
    pauses.count += 1;
    pauses.totalMs += pauseMs;
    const bound = GC_BUCKETS_MS.findIndex((boundMs) => pauseMs <= boundMs);
    const index = bound === -1 ? GC_BUCKETS_MS.length : bound;
    pauses.buckets[index] = (pauses.buckets[index] ?? 0) + 1;
  }
}

type GcEntry = PerformanceEntry & { readonly detail: { readonly kind: number } };

/** Feeds the histogram with every collection of this process; the function it returns ends that. */
export function observeGc(histogram: GcHistogram): () => void {
  const observer = new PerformanceObserver((list) => {
    // The types know the browser's entries only, which have no kind.
    for (const entry of list.getEntries() as GcEntry[]) histogram.add(KINDS[entry.detail.kind] ?? '', entry.duration);
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => observer.disconnect();
}
