import { AppError } from '@/lib/core/errors.ts';
import { KeyedBuckets } from '@/lib/core/keyed-buckets.ts';
import type { TokenBucket } from '@/lib/core/token-bucket.ts';
import type { EventSink } from './named-appends.ts';

const ADDRESSES_MAX = 10_000;
/** A streamed body in debt is looked at again at least so often, so that its end does not wait for long. */
const WAIT_MS_MAX = 1000;

/**
 * Events a second of each address, sustained. How many a body holds is known only when it has been read, so they are
 * paid for afterwards: who is in debt is refused, and a body that is still coming in is read on when its debt is paid.
 */
export class IngestQuota {
  readonly #buckets: KeyedBuckets;
  readonly #now: () => number;

  constructor(perSecond: number, now: () => number) {
    this.#buckets = new KeyedBuckets(perSecond, perSecond, ADDRESSES_MAX);
    this.#now = now;
  }

  /** The sink for one request of an address. Throws rate-limited, with the time to come back, while it is in debt. */
  admit(address: string, sink: EventSink): EventSink {
    const bucket = this.#buckets.of(address, this.#now());
    const waitMs = bucket.waitMs(0, this.#now());
    if (waitMs === 0) return this.#paying(bucket, sink);
    const retryAfterS = Math.ceil(waitMs / 1000);
    const says = `this address has sent more events than it may; send again in ${retryAfterS} s`;
    throw new AppError('rate-limited', says, { retryAfterS });
  }

  /** What waits to be paid for keeps its order. */
  #paying(bucket: TokenBucket, sink: EventSink): EventSink {
    let paid = Promise.resolve();
    return {
      append: (events, name, chain) => {
        paid = paid.then(() => this.#pay(bucket, events.length));
        return paid.then(() => sink.append(events, name, chain));
      },
    };
  }

  async #pay(bucket: TokenBucket, events: number): Promise<void> {
    for (let waitMs = bucket.waitMs(0, this.#now()); waitMs > 0; waitMs = bucket.waitMs(0, this.#now())) {
      await new Promise<void>((resolve) => setTimeout(resolve, Math.min(waitMs, WAIT_MS_MAX)));
    }
    bucket.spend(events, this.#now());
  }
}
