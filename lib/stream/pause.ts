import type { ResourceOwner } from '@/lib/core/ledger.ts';
import type { Cancellation } from './cancellation.ts';

/** Waits; cancelled, it returns early, so that no timer outlives what waits. */
export async function pause(ms: number, owner: ResourceOwner, cancellation: Cancellation): Promise<void> {
  if (cancellation.isCancelled) return;
  const { signal } = cancellation;
  owner.acquire('timer');
  await new Promise<void>((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
  owner.release('timer');
}
