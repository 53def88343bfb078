import { Skeleton } from '@/components/ui/skeleton.tsx';

const CHARTS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;

/** Until the first report; `lost` when the server did not give one. */
export function SystemSkeleton({ lost }: { lost: boolean }) {
  return (
    <div className="min-h-0 flex-1 overflow-hidden p-3">
      <p role="status" className={lost ? 'mb-3 text-[13px] text-warn' : 'sr-only'}>
        {lost ? 'Lost: reconnecting. The server has not reported yet.' : 'Loading the system…'}
      </p>
      <Skeleton className="mb-4 h-10 w-72 max-w-full" />
      <div className="grid grid-cols-[repeat(auto-fill,minmax(min(19rem,100%),1fr))] gap-2">
        {CHARTS.map((chart) => (
          <Skeleton key={chart} className="h-40" />
        ))}
      </div>
    </div>
  );
}
