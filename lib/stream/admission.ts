import type { ErrorCode } from '@/lib/core/errors.ts';
import { TokenBucket } from '@/lib/core/token-bucket.ts';
import type { Peer } from './peer.ts';

export type AdmissionLimits = {
  readonly connectionsMax: number;
  readonly perAddressMax: number;
  readonly perTokenMax: number;
  /** New streams a second, sustained; as many more are taken in a burst. */
  readonly perSecondMax: number;
  /** Mean delay before a client that lost its server comes back. */
  readonly retryMs: number;
};

/** Why a stream is not opened, and when to ask again. */
export type Refusal = { readonly code: ErrorCode; readonly says: string; readonly retryMs: number };

/** However large the crowd: who has waited so long may ask again, and whoever asks without waiting delays nobody for longer. */
const SPREAD_MS_MAX = 60_000;

/**
 * What a poll that goes on where the last one ended costs of the rate for new streams: it is one request of many that make
 * up a stream, and at full price two hundred pollers would keep everybody else out.
 */
const NEXT_POLL_COST = 0.05;

/** Who may open a stream now. Counts by address and token are kept only for those that have one open. */
export class Admission {
  readonly limits: AdmissionLimits;
  readonly #bucket: TokenBucket;
  readonly #byAddress = new Map<string, number>();
  readonly #byToken = new Map<string, number>();
  #slotMs = 0;
  #open = 0;
  refused = 0;
  isDraining = false;
  /** Memory is short: those who are here come first. */
  isShedding = false;

  constructor(limits: AdmissionLimits, nowMs: number) {
    this.limits = limits;
    this.#bucket = new TokenBucket(limits.perSecondMax, limits.perSecondMax, nowMs);
  }

  /** Takes a place for the peer, to be given back by `leave`; or says why not. */
  enter(peer: Peer, nowMs: number): Refusal | undefined {
    const refusal = this.#judge(peer, nowMs);
    if (refusal) {
      this.refused += 1;
      return refusal;
    }
    this.stay(peer);
    return undefined;
  }

  /** One more place for a peer that is here already and gives its other one back at once. */
  stay(peer: Peer): void {
    this.#open += 1;
    change(this.#byAddress, peer.address, 1);
    if (peer.user !== undefined) change(this.#byToken, peer.user, 1);
  }

  leave(peer: Peer): void {
    this.#open -= 1;
    change(this.#byAddress, peer.address, -1);
    if (peer.user !== undefined) change(this.#byToken, peer.user, -1);
  }

  /**
   * When a client that is being let go should come back: all of them together, spread so widely that they fit the rate
   * at which streams are opened.
   */
  retryMs(): number {
    const { retryMs, perSecondMax } = this.limits;
    const crowdMs = Math.min((this.#open / perSecondMax) * 1000, SPREAD_MS_MAX);
    const spreadMs = Math.max(retryMs, crowdMs);
    return Math.round(retryMs / 2 + Math.random() * spreadMs);
  }

  #judge(peer: Peer, nowMs: number): Refusal | undefined {
    const { connectionsMax, perAddressMax, perTokenMax } = this.limits;
    if (this.isDraining) return this.#refuse('shutting-down', 'the server is shutting down', nowMs);
    if (this.isShedding) {
      return this.#refuse('memory-pressure', 'the server is short of memory and takes no new streams', nowMs);
    }
    if (this.#open >= connectionsMax) {
      return this.#refuse(
        'too-many-connections',
        `the server has as many streams as it takes: ${connectionsMax}`,
        nowMs,
      );
    }
    if ((this.#byAddress.get(peer.address) ?? 0) >= perAddressMax) {
      const says = `this address has as many streams as one may have: ${perAddressMax}`;
      return this.#refuse('too-many-connections', says, nowMs);
    }
    if (peer.user !== undefined && (this.#byToken.get(peer.user) ?? 0) >= perTokenMax) {
      const says = `this token has as many streams as one may have: ${perTokenMax}`;
      return this.#refuse('too-many-connections', says, nowMs);
    }
    const isNextPoll = peer.transport === 'poll' && peer.isReturning;
    if (this.#bucket.take(isNextPoll ? NEXT_POLL_COST : 1, nowMs)) return undefined;
    return this.#refuse('too-many-connections', 'too many streams are being opened at once', nowMs);
  }

  /** Each refused client gets a slot of its own, at the rate at which streams are opened: the crowd comes back in a row. */
  #refuse(code: ErrorCode, says: string, nowMs: number): Refusal {
    const { retryMs, perSecondMax } = this.limits;
    this.#slotMs = Math.min(Math.max(nowMs, this.#slotMs) + 1000 / perSecondMax, nowMs + SPREAD_MS_MAX);
    return { code, says, retryMs: Math.round(this.#slotMs - nowMs + retryMs * (0.5 + Math.random())) };
  }
}

function change(counts: Map<string, number>, key: string, by: number): void {
  const count = (counts.get(key) ?? 0) + by;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
}
