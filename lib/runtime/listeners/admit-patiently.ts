import type { ResourceOwner } from '@/lib/core/ledger.ts';
import type { Cancellation } from '@/lib/stream/cancellation.ts';
import { pause } from '@/lib/stream/pause.ts';
import type { Reception } from '../reception.ts';

/** A debt is looked at again at least so often. */
const WAIT_MS_MAX = 1000;

/** A sender in debt, which cannot be told to come back later, waits until it is paid. Gives up when cancelled. */
export async function admitPatiently(
  reception: Reception,
  owner: ResourceOwner,
  cancellation: Cancellation,
): Promise<void> {
  while (!cancellation.isCancelled) {
    try {
      reception.admit();
      return;
    } catch (error) {
      const { retryAfterS = 1 } = reception.fail(error);
      await pause(Math.min(retryAfterS * 1000, WAIT_MS_MAX), owner, cancellation);
    }
  }
}
