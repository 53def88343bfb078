import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { AppendChain } from '@/lib/core/append-chain.ts';
import { AppError, ERROR_STATUS, type ErrorCode } from '@/lib/core/errors.ts';
import { parsePosition } from '@/lib/core/position.ts';
import type { PreparedEvent } from '@/lib/core/prepared-event.ts';
import type { AppendName, EventSink, Placed } from '@/lib/ingest/named-appends.ts';
import type { JournalView } from '@/lib/journal/journal-view.ts';
import { away, noUpstream } from './forward-ingest.ts';

/** As long as a server may take for its disk, and some. */
const TIMEOUT_MS = 30_000;
const KEY_CHARS_MAX = 200;

const answerSchema = z.object({
  accepted: z.number(),
  first: z.string(),
  last: z.string(),
  durable: z.literal(false).optional(),
});
const problemSchema = z.object({ code: z.string(), detail: z.string() });

/**
 * Sends the events of protocols that have no body to hand on (gRPC, MQTT) to the server that owns the journal, and
 * resolves with the positions that it gave them.
 */
export class ForwardSink implements EventSink {
  readonly #upstream: string | undefined;
  /** The server may ask everybody who they are; who has sent was asked here. */
  readonly #token: string | undefined;
  readonly #journal: Pick<JournalView, 'epoch' | 'refresh'>;
  /** What the next of a chain has to wait for: on their way together they could overtake each other. */
  readonly #lasts = new WeakMap<AppendChain, Promise<unknown>>();

  constructor(upstream: string | undefined, journal: Pick<JournalView, 'epoch' | 'refresh'>, token?: string) {
    this.#upstream = upstream;
    this.#token = token;
    this.#journal = journal;
  }

  /** Rejects as the journal does: storage-unavailable, and whatever the server says. */
  append(events: readonly PreparedEvent[], name?: AppendName, chain?: AppendChain): Promise<Placed> {
    if (!chain) return this.#append(events, name);
    const last = this.#lasts.get(chain) ?? Promise.resolve();
    const placed = last.then(() => this.#append(events, name));
    // It stays rejected, and so is all that comes behind it.
    this.#lasts.set(chain, placed);
    return placed;
  }

  async #append(events: readonly PreparedEvent[], name?: AppendName): Promise<Placed> {
    if (this.#upstream === undefined) throw noUpstream();
    const response = await this.#post(this.#upstream, events, name).catch((error: unknown) => {
      throw away(error);
    });
    const body: unknown = await response.json().catch(() => undefined);
    if (!response.ok) throw problemOf(response, body);
    const { first, last, durable } = answerSchema.parse(body);
    const [from, to] = [await this.#seqOf(first), await this.#seqOf(last)];
    return { firstSeq: from, lastSeq: to, ...(durable === false && { durable }) };
  }

  #post(upstream: string, events: readonly PreparedEvent[], name: AppendName | undefined): Promise<Response> {
    return fetch(`${upstream.replace(/\/+$/, '')}/api/events`, {
      method: 'POST',
      headers: {
        'Content-Type': 'application/x-ndjson',
        ...(this.#token !== undefined && { Authorization: `Bearer ${this.#token}` }),
        ...(name && { 'Idempotency-Key': name.key.length <= KEY_CHARS_MAX ? name.key : shortened(name.key) }),
      },
      body: events.map(({ body }) => lineOf(body)).join('\n'),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
  }

  /** Here a position is a seq of the present epoch; the server may have begun another one that was not seen yet. */
  async #seqOf(text: string): Promise<number> {
    const position = parsePosition(text);
    if (position && position.epoch !== this.#journal.epoch) await this.#journal.refresh();
    if (position?.epoch === this.#journal.epoch) return position.seq;
    throw new AppError('internal', 'the server stores the events in another journal than the one this gateway follows');
  }
}

/** What the first edge found out about an event the second finds out again; taken for an input it would be an attribute. */
function lineOf(body: string): string {
  if (!body.includes('"flags":')) return body;
  const { flags: _, ...event } = JSON.parse(body) as Record<string, unknown>;
  return JSON.stringify(event);
}

function shortened(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}

function problemOf(response: Response, body: unknown): AppError {
  // Whoever has sent was asked here: it is this gateway that the server does not know.
  if (response.status === 401 || response.status === 403) {
    const says = 'the server does not take events from this gateway: set the same TAILRACE_ADMIN_TOKEN on both';
    return new AppError('storage-unavailable', says, { retryAfterS: 60 });
  }
  const { success, data } = problemSchema.safeParse(body);
  if (!success || !Object.hasOwn(ERROR_STATUS, data.code)) return away(new Error(`status ${response.status}`));
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  return new AppError(data.code as ErrorCode, data.detail, Number.isFinite(seconds) ? { retryAfterS: seconds } : {});
}
