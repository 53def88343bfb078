import { Skeleton } from '@/components/ui/skeleton.tsx';

const CHARTS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l'] as const;

export function MetricSkeleton() {
  return (
    <div className="min-h-0 flex-1 overflow-hidden p-3">
      <p role="status" className="sr-only">
        Loading metrics…
      </p>
      <Skeleton className="mb-4 h-7 w-72" />
      <div className="grid grid-cols-[repeat(auto-fill,minmax(min(20rem,100%),1fr))] gap-2">
        {CHARTS.map((chart) => (
          <Skeleton key={chart} className="h-44" />
        ))}
      </div>
    </div>
  );
}
