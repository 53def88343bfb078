import { DecayingRate } from '@/lib/core/decaying-rate.ts';
import type { PreparedEvent } from '@/lib/core/prepared-event.ts';
import type { SenderError, SenderRow } from '@/lib/wire/source-pages.ts';

/** Who sends: by which protocol, from where, and with whose credential. */
export type SenderId = {
  /** As the Sources page names it: `events`, `otlp`, `loki`, …, or `built-in`. */
  readonly protocol: string;
  /** Address of the machine; for a built-in source its name. */
  readonly address: string;
  /** Name of the token or key that let it in; undefined where none was asked for. */
  readonly credential?: string | undefined;
};

/** An event that is older than this when it comes has come late. */
export const LATE_MS = 5 * 60_000;
const RATE_FADE_MS = 10_000;
const SERVICES_MAX = 20;
const SAYS_CHARS_MAX = 500;
const ERRORS_MAX = 10;

/** What has become of everything that one sender has sent, for the Sources page. */
export class Sender {
  readonly id: SenderId;
  readonly firstMs: number;
  lastMs: number;
  requests = 0;
  accepted = 0;
  rejected = 0;
  late = 0;
  /** Events whose text was cut at the greatest length. */
  truncated = 0;
  /** Samples without a value, exemplars: nothing of them is kept, and that is no mistake of the sender. */
  notKept = 0;
  bytes = 0;
  /** Requests that were told to come back later. */
  limited = 0;
  /** Requests that could not be stored, or not be read at all. */
  failed = 0;
  readonly #services = new Set<string>();
  readonly #byteRate: DecayingRate;
  readonly #eventRate: DecayingRate;
  #skewMs: number | undefined;
  /** The newest first. */
  readonly #errors: SenderError[] = [];

  constructor(id: SenderId, nowMs: number) {
    this.id = id;
    this.firstMs = nowMs;
    this.lastMs = nowMs;
    this.#byteRate = new DecayingRate(RATE_FADE_MS, nowMs);
    this.#eventRate = new DecayingRate(RATE_FADE_MS, nowMs);
  }

  /** As they came over the line: a compressed body counts for what was sent. */
  receive(bytes: number, nowMs: number): void {
    this.bytes += bytes;
    this.#byteRate.add(bytes, nowMs);
    this.lastMs = nowMs;
  }

  /** Each valid event, when it has been read. */
  observe(event: PreparedEvent, nowMs: number): void {
    const aheadMs = event.timeMs - nowMs;
    if (aheadMs < -LATE_MS) this.late += 1;
    // The newest event of a moment tells most about the clock: an older one may have waited.
    else if (this.#skewMs === undefined || aheadMs > this.#skewMs) this.#skewMs = aheadMs;
    else this.#skewMs += (aheadMs - this.#skewMs) / 100;
    if (this.#services.size < SERVICES_MAX) this.#services.add(event.service);
  }

  accept(events: number, nowMs: number): void {
    this.accepted += events;
    this.#eventRate.add(events, nowMs);
    this.lastMs = nowMs;
  }

  leave(count: number, nowMs: number): void {
    this.notKept += count;
    this.lastMs = nowMs;
  }

  reject(says: string, nowMs: number, count = 1): void {
    this.rejected += count;
    this.tell(says, nowMs);
  }

  /** The last thing that went wrong, as the sender was told. */
  tell(says: string, nowMs: number, status?: number): void {
    this.lastMs = nowMs;
    const cut = says.slice(0, SAYS_CHARS_MAX);
    // A body of a thousand bad lines must not push out everything that was wrong before it.
    const at = this.#errors.findIndex((error) => error.says === cut && error.status === status);
    const [same] = at === -1 ? [] : this.#errors.splice(at, 1);
    const count = (same?.count ?? 0) + 1;
    this.#errors.unshift({ atMs: nowMs, says: cut, count, ...(status !== undefined && { status }) });
    if (this.#errors.length > ERRORS_MAX) this.#errors.pop();
  }

  /** The last ten different things that went wrong, the newest first. */
  get errors(): readonly SenderError[] {
    return this.#errors;
  }

  row(nowMs: number): SenderRow {
    const { protocol, address, credential } = this.id;
    return {
      protocol,
      address,
      credential: credential ?? null,
      services: [...this.#services],
      requests: this.requests,
      accepted: this.accepted,
      rejected: this.rejected,
      late: this.late,
      truncated: this.truncated,
      ...(this.notKept > 0 && { notKept: this.notKept }),
      limited: this.limited,
      failed: this.failed,
      bytes: this.bytes,
      bytesPerSecond: this.#byteRate.perSecond(nowMs),
      eventsPerSecond: this.#eventRate.perSecond(nowMs),
      skewMs: this.#skewMs === undefined ? null : Math.round(this.#skewMs),
      firstMs: this.firstMs,
      lastMs: this.lastMs,
      ...(this.#errors[0] && { lastError: this.#errors[0] }),
    };
  }
}
