import { AppError } from '@/lib/core/errors.ts';
import { KeyedBuckets } from '@/lib/core/keyed-buckets.ts';
import { ADDRESS_UNKNOWN, networkOf } from '../http/client-address.ts';

/** Tries in a burst, and how many come back a second. A good one costs nothing. */
const OF_NETWORK = { perSecond: 0.2, burst: 20 };
/**
 * Of all together where it cannot be told who asks (plain `next start`). Wider, or one who tries would keep everybody
 * out; what guards each account there is its own limit.
 */
const OF_ALL = { perSecond: 2, burst: 200 };
const OF_ACCOUNT = { perSecond: 0.05, burst: 10 };
const KEYS_MAX = 10_000;

export type Try = {
  readonly address: string;
  /** Whose password is tried; absent: nobody's. */
  readonly account?: string | undefined;
  /** Name of a browser in which that password has been right before: it waits for no one else's tries. */
  readonly familiar?: string | undefined;
};

/** How often it may be tried to log in: from one network, for one account, in one browser. */
export class LoginLimits {
  readonly #networks = new KeyedBuckets(OF_NETWORK.perSecond, OF_NETWORK.burst, KEYS_MAX);
  readonly #all = new KeyedBuckets(OF_ALL.perSecond, OF_ALL.burst, 1);
  readonly #accounts = new KeyedBuckets(OF_ACCOUNT.perSecond, OF_ACCOUNT.burst, KEYS_MAX);
  readonly #browsers = new KeyedBuckets(OF_ACCOUNT.perSecond, OF_ACCOUNT.burst, KEYS_MAX);

  /** Throws rate-limited. Returns what takes the try back, since it was right. */
  take(tried: Try, nowMs: number): () => void {
    const buckets = this.#bucketsOf(tried, nowMs);
    const waitMs = Math.max(...buckets.map((bucket) => bucket.waitMs(1, nowMs)));
    if (waitMs > 0) {
      const retryAfterS = Math.ceil(waitMs / 1000);
      throw new AppError('rate-limited', `too many tries; try again in ${retryAfterS} s`, { retryAfterS });
    }
    for (const bucket of buckets) bucket.spend(1, nowMs);
    return () => {
      for (const bucket of buckets) bucket.spend(-1, nowMs);
    };
  }

  #bucketsOf({ address, account, familiar }: Try, nowMs: number) {
    if (familiar !== undefined) return [this.#browsers.of(familiar, nowMs)];
    const isUnknown = address === ADDRESS_UNKNOWN;
    const network = isUnknown ? this.#all.of('', nowMs) : this.#networks.of(networkOf(address), nowMs);
    return account === undefined ? [network] : [network, this.#accounts.of(account, nowMs)];
  }
}
