import { Skeleton } from '@/components/ui/skeleton.tsx';

const WIDTHS = [52, 71, 38, 64, 80, 45, 58, 33, 76, 49, 67, 41] as const;

/** The shape of the list while its first lines are on their way. */
export function LogSkeleton() {
  return (
    <div className="min-h-0 flex-1 overflow-hidden pt-[54px]">
      <p role="status" className="sr-only">
        Loading log lines…
      </p>
      {WIDTHS.map((width) => (
        <div key={width} className="flex h-[22px] items-center gap-3 px-2">
          <Skeleton className="h-2.5 w-20" />
          <Skeleton className="h-2.5 w-10" />
          <span style={{ width: `${width}%` }}>
            <Skeleton className="h-2.5" />
          </span>
        </div>
      ))}
    </div>
  );
}
