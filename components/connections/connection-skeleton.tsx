import { Skeleton } from '@/components/ui/skeleton.tsx';

export function ConnectionSkeleton() {
  return (
    <div className="mx-auto flex w-full max-w-6xl flex-col gap-3 p-3">
      <p role="status" className="sr-only">
        Loading the connection…
      </p>
      <Skeleton className="h-20" />
      <Skeleton className="h-16" />
      <Skeleton className="h-28" />
      <Skeleton className="h-40" />
    </div>
  );
}
