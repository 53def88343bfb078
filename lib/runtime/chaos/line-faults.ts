import type { ResourceOwner } from '@/lib/core/ledger.ts';
import type { ChaosReport } from '@/lib/wire/chaos.ts';

type ActiveFault = ChaosReport['active'][number];
type LineFault = ActiveFault & { readonly fault: { readonly fault: 'delay' | 'throttle' | 'duplicate' } };

/** What one connection suffers at present. */
export type Impairment = {
  readonly delayMs: number;
  /** Infinite when it may have all it takes. */
  readonly bytesPerSecond: number;
  readonly duplicate: boolean;
};

/** A connection that holds bytes back. */
export type Holder = { review(nowMs: number): void };

export type LineFaultsOptions = { now(): number; readonly owner: ResourceOwner };

/** As the beat of the streams: what is due comes out at most so much later. */
const TICK_MS = 20;
/** Spreads the lots of one connection evenly over the faults: hit by one, it is not for that hit by the next. */
const GOLDEN = 0.618_033_988_749_895;

/** The faults of connections that are active, and one timer for all connections that hold bytes because of them. */
export class LineFaults {
  readonly #options: LineFaultsOptions;
  readonly #holders = new Set<Holder>();
  #timer: NodeJS.Timeout | undefined;
  /** undefined when there is none: all that a connection asks before each write. */
  active: readonly LineFault[] | undefined;

  constructor(options: LineFaultsOptions) {
    this.#options = options;
  }

  /** These and no others from now on; what they no longer hold back is written before this returns. */
  apply(active: readonly ActiveFault[]): void {
    const faults = active.filter(isLineFault);
    this.active = faults.length > 0 ? faults : undefined;
    this.#review();
  }

  /** @param lot of the connection, in [0, 1), the same for as long as it lives: so a fault hits it wholly or not at all */
  impairment(lot: number): Impairment | undefined {
    const hits = this.active?.filter(({ id, fault }) => (lot + id * GOLDEN) % 1 < fault.share) ?? [];
    if (hits.length === 0) return undefined;
    let [delayMs, bytesPerSecond] = [0, Number.POSITIVE_INFINITY];
    for (const { fault } of hits) {
      if (fault.fault === 'delay') delayMs = Math.max(delayMs, fault.delayMs);
      if (fault.fault === 'throttle') bytesPerSecond = Math.min(bytesPerSecond, fault.bytesPerSecond);
    }
    return { delayMs, bytesPerSecond, duplicate: hits.some(({ fault }) => fault.fault === 'duplicate') };
  }

  now(): number {
    return this.#options.now();
  }

  /** Has it reviewed at each tick until it is let go. */
  watch(holder: Holder): void {
    this.#holders.add(holder);
    if (this.#timer) return;
    this.#timer = setInterval(() => this.#review(), TICK_MS).unref();
    this.#options.owner.acquire('timer');
  }

  unwatch(holder: Holder): void {
    this.#holders.delete(holder);
    if (!this.#timer || this.#holders.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#options.owner.release('timer');
  }

  #review(): void {
    const nowMs = this.now();
    // A copy: one that is ready again may write, and hold again, while it is looked at.
    for (const holder of [...this.#holders]) holder.review(nowMs);
  }
}

function isLineFault(active: ActiveFault): active is LineFault {
  return ['delay', 'throttle', 'duplicate'].includes(active.fault.fault);
}
