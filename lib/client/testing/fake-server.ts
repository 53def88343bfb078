import type { PlacedEvent, TailraceEvent } from '@/lib/core/event.ts';
import { compileFilter, filterFromQuery } from '@/lib/core/filter.ts';
import { RANK_NONE, rankOf } from '@/lib/core/level.ts';
import { formatPosition, parsePosition } from '@/lib/core/position.ts';
import { type Acknowledgement, acknowledgementSchema } from '@/lib/wire/acknowledgement.ts';
import type { StreamFrame } from '@/lib/wire/frames.ts';
import type { HistoryPage } from '@/lib/wire/pages.ts';
import { encodeControl, encodeEvents } from '@/lib/wire/sse.ts';
import type { FakeScheduler } from './fake-scheduler.ts';

type Entry = { seq: number; kind: 'log' | 'metric'; rank: number; service: string; body: string };
type Connection = {
  readonly id: number;
  readonly url: string;
  readonly matches: (entry: Entry) => boolean;
  /** Seq of the last entry looked at, and of the last one sent. */
  served: number;
  previous: number;
  /** Bytes until the line breaks. */
  bytesLeft: number;
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  closed: boolean;
};
export type Call = { readonly url: string; readonly headers: Record<string, string> };

export function logEvent(message: string, service = 'web', level: 'debug' | 'info' | 'error' = 'info'): TailraceEvent {
  return { kind: 'log', time: '2026-01-01T00:00:00.000Z', service, level, message };
}

/** A journal in memory that answers `fetch` with real SSE bytes, cut into pieces and broken off as a test wants. */
export class FakeServer {
  readonly scheduler: FakeScheduler;
  readonly heartbeatMs = 15_000;
  /** Without acknowledgements. */
  readonly calls: Call[] = [];
  readonly acks: (Acknowledgement & { connectionId: string; atMs: number })[] = [];
  /** Answers an acknowledgement. */
  ack: (signal: AbortSignal | undefined) => Promise<Response> = async () => new Response(null, { status: 204 });
  epoch = 'EpochAA1';
  /** Everything up to this seq has been deleted. */
  retained = 0;
  /** Sizes of the pieces that bytes are cut into, used in turn. */
  pieces: () => number = () => 1 << 20;
  /** Bytes after which each new connection breaks. */
  breaksAfter: () => number = () => Number.POSITIVE_INFINITY;
  /** Answers instead of the stream, while it returns something. */
  refuse: (call: Call) => Response | Error | undefined = () => undefined;
  /** Never answers: the request stays pending until it is aborted. */
  mute = false;
  #entries: Entry[] = [];
  #connections = new Set<Connection>();
  #ids = 0;
  #cancelBeat: () => void;

  constructor(scheduler: FakeScheduler) {
    this.scheduler = scheduler;
    const beat = () => {
      this.#cancelBeat = scheduler.after(this.heartbeatMs, beat);
      this.heartbeat();
    };
    this.#cancelBeat = scheduler.after(this.heartbeatMs, beat);
  }

  dispose(): void {
    this.#cancelBeat();
    this.cut();
  }

  get head(): string {
    return formatPosition(this.epoch, this.#entries.length);
  }

  get open(): number {
    return this.#connections.size;
  }

  get urls(): string[] {
    return [...this.#connections].map((connection) => connection.url);
  }

  append(...events: TailraceEvent[]): void {
    for (const event of events) {
      const rank = event.kind === 'log' ? rankOf(event.level) : RANK_NONE;
      const { kind, service } = event;
      this.#entries.push({ seq: this.#entries.length + 1, kind, rank, service, body: JSON.stringify(event) });
    }
    for (const connection of [...this.#connections]) this.#pump(connection);
  }

  /** The journal is lost and begins anew. */
  reset(epoch: string): void {
    this.cut();
    this.epoch = epoch;
    this.#entries = [];
    this.retained = 0;
  }

  heartbeat(): void {
    const time = new Date(this.scheduler.now()).toISOString();
    for (const connection of [...this.#connections]) {
      this.#write(connection, encodeControl('heartbeat', { time, head: this.head }, this.#id(connection.served)));
    }
  }

  /** Sends bytes to every open connection as they are. */
  send(bytes: Uint8Array): void {
    for (const connection of [...this.#connections]) this.#write(connection, bytes);
  }

  cut(how: 'error' | 'end' = 'error'): void {
    for (const connection of [...this.#connections]) this.#close(connection, how);
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const url = new URL(String(input), 'http://fake');
    const [, connectionId] = /^\/api\/connections\/([^/]+)\/ack$/.exec(url.pathname) ?? [];
    if (connectionId !== undefined) {
      const body = acknowledgementSchema.parse(JSON.parse(String(init?.body)));
      this.acks.push({ ...body, connectionId, atMs: this.scheduler.now() });
      return this.ack(init?.signal ?? undefined);
    }
    const call = { url: String(input), headers: init?.headers as Record<string, string> };
    this.calls.push(call);
    const signal = init?.signal ?? undefined;
    signal?.throwIfAborted();
    const refusal = this.refuse(call);
    if (refusal instanceof Error) throw refusal;
    if (refusal) return refusal;
    if (this.mute) return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
    if (url.pathname === '/api/events') return Response.json(this.page(url.searchParams));
    return this.#stream(call, url.searchParams, signal);
  };

  page(query: URLSearchParams): HistoryPage {
    const matches = compileFilter(filterFromQuery(query));
    const limit = Number(query.get('limit') ?? 500);
    const before = parsePosition(query.get('before') ?? '')?.seq ?? Number.POSITIVE_INFINITY;
    const all = this.#entries.filter((entry) => entry.seq > this.retained && entry.seq < before && matches(entry));
    const events = all.slice(-limit).map((entry): PlacedEvent => {
      return { ...(JSON.parse(entry.body) as TailraceEvent), position: this.#id(entry.seq) };
    });
    const first = events[0];
    const older = first !== undefined && all.length > events.length;
    return {
      events,
      head: this.head,
      before: older ? first.position : null,
      after: events.at(-1)?.position ?? this.head,
    };
  }

  #stream(call: Call, query: URLSearchParams, signal: AbortSignal | undefined): Response {
    const { headers, url } = call;
    const asked = parsePosition(headers['Last-Event-ID'] ?? query.get('from') ?? this.head);
    const start = this.#start(asked);
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#ids += 1;
        const served = parsePosition(start.from)?.seq ?? 0;
        const matches = compileFilter(filterFromQuery(query));
        const bytesLeft = this.breaksAfter();
        const connection = {
          id: this.#ids,
          url,
          matches,
          served,
          previous: served,
          bytesLeft,
          controller,
          closed: false,
        };
        this.#connections.add(connection);
        signal?.addEventListener('abort', () => this.#close(connection, 'error'));
        this.#write(connection, encodeControl('stream', start));
        this.#pump(connection);
        this.#write(connection, encodeControl('live', { head: this.head }, this.#id(connection.served)));
      },
    });
    return new Response(body, { headers: { 'Content-Type': 'text/event-stream' } });
  }

  #start(asked: { epoch: string; seq: number } | undefined): StreamFrame {
    const base = {
      connectionId: `c${this.#ids + 1}`,
      epoch: this.epoch,
      head: this.head,
      heartbeatMs: this.heartbeatMs,
    };
    if (asked?.epoch !== this.epoch) {
      return { ...base, state: 'reset', from: this.#id(this.retained), missed: 0, reason: 'epoch' };
    }
    if (asked.seq < this.retained) {
      const missed = this.retained - asked.seq;
      return { ...base, state: 'gap', from: this.#id(this.retained), missed, reason: 'retention' };
    }
    return { ...base, state: asked.seq < this.#entries.length ? 'replay' : 'live', from: this.#id(asked.seq) };
  }

  #id(seq: number): string {
    return formatPosition(this.epoch, seq);
  }

  #pump(connection: Connection): void {
    const due = this.#entries.slice(connection.served).filter(connection.matches);
    connection.served = this.#entries.length;
    if (due.length === 0) return;
    const bytes = encodeEvents(this.epoch, connection.previous, due);
    connection.previous = due.at(-1)?.seq ?? connection.previous;
    this.#write(connection, bytes);
  }

  #write(connection: Connection, bytes: Uint8Array): void {
    for (let start = 0; start < bytes.length && !connection.closed; ) {
      const size = Math.min(Math.max(1, this.pieces()), bytes.length - start, connection.bytesLeft);
      if (size > 0) connection.controller.enqueue(bytes.slice(start, start + size));
      start += size;
      connection.bytesLeft -= size;
      // A clean end, so that what was sent before the break is read: that is the harder case.
      if (connection.bytesLeft <= 0) this.#close(connection, 'end');
    }
  }

  #close(connection: Connection, how: 'error' | 'end'): void {
    if (connection.closed) return;
    connection.closed = true;
    this.#connections.delete(connection);
    try {
      if (how === 'end') connection.controller.close();
      else connection.controller.error(new TypeError('network error'));
    } catch {
      // The reader has cancelled the stream already.
    }
  }
}
