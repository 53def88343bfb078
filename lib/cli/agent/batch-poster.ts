import { z } from 'zod';
import { nodeFetch } from '@/lib/client/node/node-environment.ts';
import { RetryPace } from '@/lib/client/retry-pace.ts';
import { timeLimit } from '@/lib/core/time-limit.ts';
import { CHUNK_LIMITS } from '@/lib/wire/ingest-chunk.ts';
import type { AgentVoice } from './agent-voice.ts';
import { pause } from './pause.ts';

/** What became of a batch that needs no more care. */
export type Delivery = {
  readonly accepted: number;
  readonly rejected: number;
  /** Sentences of the server about events that it refused, a few of them, each with its place among the events. */
  readonly errors: readonly { readonly line: number; readonly error: string }[];
};

export type PosterOptions = {
  /** See `serverUrl`. */
  readonly url: string;
  readonly token: string | undefined;
  readonly voice: AgentVoice;
  /** Gives up when the server has taken nothing for so long; undefined: never. */
  readonly waitMs: number | undefined;
  readonly signal: AbortSignal;
  readonly random?: () => number;
};

/** The server took nothing for longer than it was to be waited for. */
export class GaveUp extends Error {}

/** An answer that takes longer is as good as lost: asked again, the server knows what it has stored. */
const ANSWER_MS_MAX = 60_000;

const answerSchema = z.object({
  code: z.string().optional(),
  detail: z.string().optional(),
  accepted: z.number().optional(),
  rejected: z.number().optional(),
  errors: z.array(z.object({ line: z.number(), error: z.string() })).optional(),
});
type Answer = z.infer<typeof answerSchema>;

type Reply =
  | { readonly kind: 'done'; readonly delivery: Delivery }
  /** Other events were stored under this name. */
  | { readonly kind: 'other-events' }
  /** The events do not fit into one request. */
  | { readonly kind: 'too-large'; readonly says: string }
  | { readonly kind: 'again'; readonly cause: string; readonly afterMs: number | undefined };

/**
 * Brings batches to a server, each until the server has stored it or said what is wrong with it, however long that takes.
 * Every try carries the same Idempotency-Key, so that an answer that got lost does no harm.
 */
export class BatchPoster {
  readonly #options: PosterOptions;
  readonly #fetch: typeof fetch;
  readonly #pace: RetryPace;
  #takenMs = performance.now();

  constructor(options: PosterOptions) {
    this.#options = options;
    this.#fetch = nodeFetch(options.url, options.token);
    this.#pace = new RetryPace(options.random ?? Math.random);
  }

  /** Rejects when aborted, and with GaveUp. */
  async deliver(key: string, events: readonly string[]): Promise<Delivery> {
    if (events.length === 0) return { accepted: 0, rejected: 0, errors: [] };
    const { voice, signal, waitMs } = this.#options;
    const body = Buffer.from(`${events.join('\n')}\n`);
    for (;;) {
      signal.throwIfAborted();
      const reply = await this.#post(key, body);
      if (reply.kind === 'done') {
        this.#takenMs = performance.now();
        this.#pace.reset();
        voice.well();
        return reply.delivery;
      }
      if (reply.kind === 'other-events') return this.#deliverAnew(key, events, body);
      if (reply.kind === 'too-large') return this.#deliverHalves(key, events, reply.says);
      signal.throwIfAborted();
      voice.failing(reply.cause);
      if (waitMs !== undefined && performance.now() - this.#takenMs > waitMs) throw new GaveUp();
      await pause(this.#pace.next(undefined, reply.afterMs), signal);
    }
  }

  /**
   * An earlier process was stopped while it sent these bytes, and understood their lines differently: it was of another
   * version. What is one chunk has been stored as a whole; of several nobody knows which.
   */
  async #deliverAnew(key: string, events: readonly string[], body: Buffer): Promise<Delivery> {
    // An event is stored with a little more than it was sent with.
    const isOneChunk = events.length <= CHUNK_LIMITS.eventsMax && 2 * body.length <= CHUNK_LIMITS.charsMax;
    if (isOneChunk) return { accepted: events.length, rejected: 0, errors: [] };
    const count = events.length.toLocaleString('en-US');
    this.#options.voice.say(`an earlier version was stopped within ${count} events; some of them may be stored twice`);
    return this.deliver(`${key}.anew`, events);
  }

  async #deliverHalves(key: string, events: readonly string[], says: string): Promise<Delivery> {
    if (events.length === 1) return { accepted: 0, rejected: 1, errors: [{ line: 1, error: says }] };
    const middle = Math.ceil(events.length / 2);
    const first = await this.deliver(`${key}.0`, events.slice(0, middle));
    const second = await this.deliver(`${key}.1`, events.slice(middle));
    const errors = second.errors.map(({ line, error }) => ({ line: line + middle, error }));
    return {
      accepted: first.accepted + second.accepted,
      rejected: first.rejected + second.rejected,
      errors: [...first.errors, ...errors],
    };
  }

  async #post(key: string, body: Buffer): Promise<Reply> {
    const { signal, release } = timeLimit(this.#options.signal, ANSWER_MS_MAX);
    try {
      const response = await this.#fetch('/api/events', {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-ndjson', Accept: 'application/json', 'Idempotency-Key': key },
        body: new Uint8Array(body),
        redirect: 'manual',
        signal,
      });
      const parsed = answerSchema.safeParse(await response.json().catch(() => undefined));
      return verdict(response, parsed.success ? parsed.data : {});
    } catch (error) {
      return { kind: 'again', cause: causeOf(error), afterMs: undefined };
    } finally {
      release();
    }
  }
}

function verdict({ status, headers }: Response, answer: Answer): Reply {
  const { code, detail, accepted = 0, rejected = 0, errors = [] } = answer;
  const isOurs = answer.accepted !== undefined;
  if (isOurs && (status === 200 || code === 'nothing-accepted')) {
    return { kind: 'done', delivery: { accepted, rejected, errors } };
  }
  if (code === 'idempotency-mismatch') return { kind: 'other-events' };
  if (status === 413) return { kind: 'too-large', says: detail ?? 'too large for the server' };
  if (status === 202) return { kind: 'again', cause: 'the server has nowhere to store events', afterMs: undefined };
  const says =
    detail ?? (isOurs ? `the server answered ${status}` : `what answers there with ${status} is no Tailrace`);
  return { kind: 'again', cause: says, afterMs: retryAfterMs(headers.get('retry-after')) };
}

/** Seconds or a date (RFC 9110 §10.2.3). */
function retryAfterMs(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d{1,6}$/.test(header)) return Number(header) * 1000;
  const ms = Date.parse(header) - Date.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function causeOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'TimeoutError') return 'the server did not answer';
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : '';
  return `the server cannot be reached${code}`;
}
