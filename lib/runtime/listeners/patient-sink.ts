import { type ErrorCode, isAppError } from '@/lib/core/errors.ts';
import type { ResourceOwner } from '@/lib/core/ledger.ts';
import type { PreparedEvent } from '@/lib/core/prepared-event.ts';
import type { AppendName, EventSink, Placed } from '@/lib/ingest/named-appends.ts';
import type { Cancellation } from '@/lib/stream/cancellation.ts';
import { pause } from '@/lib/stream/pause.ts';

const WAIT_MS_MIN = 50;
const WAIT_MS_MAX = 1000;

/** What is waited for: a store that is behind will soon have caught up; one that is away may be so for long. */
export const BEHIND: readonly ErrorCode[] = ['storage-overloaded'];
export const BEHIND_OR_AWAY: readonly ErrorCode[] = ['storage-overloaded', 'storage-unavailable'];

/**
 * Appends again and again while the store is behind or away, for senders that cannot be told to come back later: they are
 * held back meanwhile. Each append is stored as a whole or not at all, so trying again does not repeat a part of it.
 */
export class PatientSink implements EventSink {
  readonly #sink: EventSink;
  readonly #owner: ResourceOwner;
  readonly #cancellation: Cancellation;
  readonly #waitsFor: readonly ErrorCode[];

  /** @param cancellation ends the patience: an append then rejects as that of `sink` does */
  constructor(
    sink: EventSink,
    owner: ResourceOwner,
    cancellation: Cancellation,
    waitsFor: readonly ErrorCode[] = BEHIND_OR_AWAY,
  ) {
    this.#waitsFor = waitsFor;
    this.#sink = sink;
    this.#owner = owner;
    this.#cancellation = cancellation;
  }

  async append(events: readonly PreparedEvent[], name?: AppendName): Promise<Placed> {
    for (let waitMs = WAIT_MS_MIN; ; waitMs = Math.min(2 * waitMs, WAIT_MS_MAX)) {
      try {
        return await this.#sink.append(events, name);
      } catch (error) {
        const isPassing = isAppError(error) && this.#waitsFor.includes(error.code);
        if (!isPassing || this.#cancellation.isCancelled) throw error;
      }
      await pause(waitMs, this.#owner, this.#cancellation);
    }
  }
}
