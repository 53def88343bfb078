import { Skeleton } from '@/components/ui/skeleton.tsx';

export function SourcesSkeleton({ isLost }: { isLost: boolean }) {
  return (
    <div className="flex w-full flex-col gap-3 p-3">
      <p role="status" className={isLost ? 'text-[13px] text-bad' : 'sr-only'}>
        {isLost ? 'The server does not tell of its sources now. Trying again…' : 'Loading the sources…'}
      </p>
      <Skeleton className="h-7" />
      <Skeleton className="h-7 max-w-md" />
      <Skeleton className="h-72" />
    </div>
  );
}
