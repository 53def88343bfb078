import type { CloseReason } from '@/lib/core/close-reason.ts';
import type { Acknowledgement } from '@/lib/wire/acknowledgement.ts';

export type SessionRules = {
  readonly heartbeatMs: number;
  /** Heartbeat intervals without a word from a client that acknowledges, until it is considered gone. */
  readonly missesMax: number;
  /** A sink that takes nothing for so long is given up. */
  readonly slowMs: number;
  /** Without an event and without a word of the client for so long: the stream is ended. 0: never. */
  readonly idleMs: number;
  /** Greatest age, give or take a fifth. 0: none. */
  readonly ageMs: number;
};

/** How long a goodbye may take to leave the house. */
const LINGER_MS = 5000;

/** All that a session does because time has passed. It has no timer: the wheel asks. */
export class SessionClock {
  readonly #rules: SessionRules;
  readonly openedMs: number;
  readonly #ageMaxMs: number;
  acknowledges: boolean;
  /** What the client has been asked for, and what it may still go by. */
  #ackMs: number;
  #ackMsMax: number;
  #eventsSent = 0;
  #eventMs: number;
  #queuedBytes = 0;
  #stuckMs: number | undefined;
  /** When the client was last heard of. */
  heardMs: number;
  /** When the last heartbeat was sent. */
  #beatMs: number;
  endedMs: number | undefined;
  ackedSeq: number | undefined;
  ackedMs: number | undefined;
  roundTripMs: number | undefined;
  reconnects = 0;

  constructor(rules: SessionRules, nowMs: number, acknowledges: boolean) {
    this.#rules = rules;
    this.openedMs = nowMs;
    this.acknowledges = acknowledges;
    this.#eventMs = nowMs;
    this.heardMs = nowMs;
    this.#beatMs = nowMs;
    this.#ackMs = rules.heartbeatMs;
    this.#ackMsMax = rules.heartbeatMs;
    // Opened together, ended apart: a crowd that came after a restart must not leave as one.
    this.#ageMaxMs = rules.ageMs * (0.8 + Math.random() * 0.4);
  }

  /** @param seq how far the client has come, at most what it has been told; undefined when it did not say */
  heard({ heartbeat, reconnects }: Acknowledgement, seq: number | undefined, nowMs: number): void {
    this.acknowledges = true;
    this.heardMs = nowMs;
    this.#ackMsMax = this.#ackMs;
    this.ackedMs = nowMs;
    if (seq !== undefined) this.ackedSeq = Math.max(this.ackedSeq ?? 0, seq);
    this.reconnects = reconnects ?? this.reconnects;
    const sentMs = Date.parse(heartbeat?.time ?? '');
    if (heartbeat && sentMs <= nowMs) this.roundTripMs = Math.max(0, nowMs - sentMs - heartbeat.heldMs);
  }

  /** A heartbeat is sent, and asks for acknowledgements once in so long. */
  beat(nowMs: number, ackMs: number): void {
    this.#beatMs = nowMs;
    this.#ackMs = ackMs;
    this.#ackMsMax = Math.max(this.#ackMsMax, ackMs);
  }

  /** A full sink that still drains, however slowly, is not stuck. */
  watchSink(isReady: boolean, queuedBytes: number, nowMs: number): void {
    if (isReady) this.#stuckMs = undefined;
    else if (this.#stuckMs === undefined || queuedBytes < this.#queuedBytes) this.#stuckMs = nowMs;
    this.#queuedBytes = queuedBytes;
  }

  /** Why the stream has to end now; undefined while it need not. */
  dueReason(nowMs: number, eventsSent: number, isServerLate = false): CloseReason | undefined {
    const { missesMax, slowMs, idleMs, ageMs } = this.#rules;
    if (eventsSent !== this.#eventsSent) this.#eventMs = nowMs;
    this.#eventsSent = eventsSent;
    const isSilent = this.acknowledges && nowMs - this.heardMs > missesMax * this.#ackMsMax;
    if (isSilent && !isServerLate) return 'heartbeat-missed';
    if (this.#stuckMs !== undefined && nowMs - this.#stuckMs > slowMs) return 'slow';
    if (idleMs > 0 && nowMs - Math.max(this.#eventMs, this.heardMs) > idleMs) return 'idle';
    if (ageMs > 0 && nowMs - this.openedMs > this.#ageMaxMs) return 'age';
    return undefined;
  }

  /**
   * Late in an interval of silence, and once an interval on a busy stream too: its client measures the delay by it. Asked
   * six times an interval, so that no silence is longer than that.
   */
  isBeatDue(nowMs: number, writtenMs: number): boolean {
    const { heartbeatMs } = this.#rules;
    return nowMs - writtenMs >= heartbeatMs * 0.8 || nowMs - this.#beatMs >= heartbeatMs * 0.9;
  }

  /** No event for a heartbeat interval. */
  isQuiet(nowMs: number): boolean {
    return nowMs - this.#eventMs > this.#rules.heartbeatMs;
  }

  isLingering(nowMs: number): boolean {
    return this.endedMs !== undefined && nowMs - this.endedMs > LINGER_MS;
  }
}
