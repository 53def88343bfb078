import type { ClientTransport } from '@/lib/core/client-transport.ts';
import type { TailraceEvent } from '@/lib/core/event.ts';
import { compileFilter, filterFromQuery } from '@/lib/core/filter.ts';
import { parsePosition } from '@/lib/core/position.ts';
import { type Acknowledgement, acknowledgementSchema } from '@/lib/wire/acknowledgement.ts';
import type { ControlFrames, ControlName } from '@/lib/wire/frames.ts';
import { jsonFrames } from '@/lib/wire/json-frames.ts';
import { encodeControl, encodeEvents } from '@/lib/wire/sse.ts';
import type { OpenWebSocket } from '../stream-reader.ts';
import { type Entry, FakeJournal } from './fake-journal.ts';
import { bodyLine, type Cuts, type FakeFrames, type FakeLine, socketLine } from './fake-line.ts';

export { logEvent } from './fake-journal.ts';

import type { FakeScheduler } from './fake-scheduler.ts';

type Connection = {
  readonly id: number;
  readonly url: string;
  readonly matches: (entry: Entry) => boolean;
  /** Seq of the last entry looked at, and of the last one sent. */
  served: number;
  previous: number;
  readonly transport: ClientTransport;
  line: FakeLine;
};
export type Call = { readonly url: string; readonly headers: Record<string, string> };

/** How something on the way treats a transport. */
export type Treatment = 'through' | 'refused' | 'held';

/** A journal in memory that answers on every transport with real bytes, cut and broken off as a test wants. */
export class FakeServer extends FakeJournal {
  readonly scheduler: FakeScheduler;
  readonly heartbeatMs = 15_000;
  /** Without acknowledgements. */
  readonly calls: Call[] = [];
  readonly acks: (Acknowledgement & { connectionId: string; atMs: number })[] = [];
  /** Those that came over a WebSocket. */
  readonly socketAcks: Acknowledgement[] = [];
  /** Answers an acknowledgement. */
  ack: (signal: AbortSignal | undefined) => Promise<Response> = async () => new Response(null, { status: 204 });
  /** Sizes of the pieces that bytes are cut into, used in turn. */
  pieces: () => number = () => 1 << 20;
  /** Bytes after which each new connection breaks. */
  breaksAfter: () => number = () => Number.POSITIVE_INFINITY;
  /** Answers instead of the stream, while it returns something. */
  refuse: (call: Call) => Response | Error | undefined = () => undefined;
  /** Never answers: the request stays pending until it is aborted. */
  mute = false;
  /** What sits between client and server. */
  treats: (transport: ClientTransport) => Treatment = () => 'through';
  /** Opened so far. */
  readonly opened: ClientTransport[] = [];
  #connections = new Set<Connection>();
  #ids = 0;
  #cancelBeat: () => void;

  constructor(scheduler: FakeScheduler) {
    super();
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

  get open(): number {
    return this.#connections.size;
  }

  get urls(): string[] {
    return [...this.#connections].map((connection) => connection.url);
  }

  append(...events: TailraceEvent[]): void {
    this.store(events);
    for (const connection of [...this.#connections]) this.#pump(connection);
  }

  /** The journal is lost and begins anew. */
  reset(epoch: string): void {
    this.cut();
    this.empty(epoch);
  }

  heartbeat(): void {
    const time = new Date(this.scheduler.now()).toISOString();
    for (const connection of [...this.#connections]) {
      connection.line.write(control('heartbeat', { time, head: this.head }, this.id(connection.served)));
      if (connection.transport === 'poll') connection.line.close('end');
    }
  }

  /** Sends bytes to every open connection as they are. */
  send(bytes: Uint8Array): void {
    for (const connection of [...this.#connections]) connection.line.raw(bytes);
  }

  cut(how: 'error' | 'end' = 'error'): void {
    for (const connection of [...this.#connections]) connection.line.close(how);
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const url = new URL(String(input), 'http://fake');
    const [, connectionId] = /^\/api\/connections\/([^/]+)\/ack$/.exec(url.pathname) ?? [];
    if (connectionId !== undefined) {
      const body = acknowledgementSchema.parse(JSON.parse(String(init?.body)));
      this.acks.push({ ...body, connectionId, atMs: this.scheduler.now() });
      return this.ack(init?.signal ?? undefined);
    }
    const signal = init?.signal ?? undefined;
    const call = { url: String(input), headers: init?.headers as Record<string, string> };
    if (url.pathname === '/healthz') return this.#health(call, signal);
    this.calls.push(call);
    signal?.throwIfAborted();
    const refusal = this.refuse(call);
    if (refusal instanceof Error) throw refusal;
    if (refusal) return refusal;
    if (this.mute) return pending(signal);
    if (url.pathname === '/api/events') return Response.json(this.page(url.searchParams));
    const query = url.searchParams;
    const transport = url.pathname === '/api/stream' ? 'sse' : query.get('follow') === '1' ? 'http' : 'poll';
    if (this.treats(transport) === 'refused') return new Response('no', { status: 403 });
    return this.#stream(transport, call, query, signal);
  };

  readonly openWebSocket: OpenWebSocket = (url, _protocol, events) => {
    const query = new URL(url, 'http://fake').searchParams;
    let line: FakeLine | undefined;
    let isClosed = false;
    setImmediate(() => {
      if (isClosed) return;
      if (this.mute || this.treats('ws') === 'refused') {
        events.closed(1006, '');
        return;
      }
      events.opened();
      const asked = query.get('lastEventId') ?? query.get('from') ?? this.head;
      line = this.#connect('ws', url, query, asked, (cuts) => socketLine(events, cuts));
    });
    return {
      send: (text) => {
        const message = JSON.parse(text);
        if (message.type === 'ack') this.socketAcks.push(acknowledgementSchema.parse(message));
      },
      close: () => {
        isClosed = true;
        line?.close('end');
      },
    };
  };

  #health(call: Call, signal: AbortSignal | undefined): Promise<Response> | Response {
    if (this.mute) return pending(signal);
    const refusal = this.refuse(call);
    if (refusal instanceof Error) throw refusal;
    return refusal ?? Response.json({ status: 'ok' });
  }

  #stream(
    transport: ClientTransport,
    { headers, url }: Call,
    query: URLSearchParams,
    signal: AbortSignal | undefined,
  ): Response {
    const asked = headers['Last-Event-ID'] ?? query.get('from') ?? this.head;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        const line = this.#connect(transport, url, query, asked, (cuts) => bodyLine(transport, controller, cuts));
        signal?.addEventListener('abort', () => line.close('error'));
      },
    });
    const type = transport === 'sse' ? 'text/event-stream' : 'application/x-ndjson';
    return new Response(body, { headers: { 'Content-Type': type } });
  }

  #connect(
    transport: ClientTransport,
    url: string,
    query: URLSearchParams,
    asked: string,
    makeLine: (cuts: Cuts) => FakeLine,
  ): FakeLine {
    const start = this.startAt(parsePosition(asked), `c${this.#ids + 1}`, this.heartbeatMs);
    this.#ids += 1;
    this.opened.push(transport);
    const served = parsePosition(start.from)?.seq ?? 0;
    const matches = compileFilter(filterFromQuery(query));
    const line = makeLine({
      pieces: () => this.pieces(),
      bytesLeft: this.breaksAfter(),
      isHeld: this.treats(transport) === 'held',
      onClosed: () => this.#connections.delete(connection),
    });
    const connection: Connection = { id: this.#ids, url, matches, served, previous: served, transport, line };
    this.#connections.add(connection);
    line.write(control('stream', start));
    this.#pump(connection);
    line.write(control('live', { head: this.head }, this.id(connection.served)));
    return line;
  }

  #pump(connection: Connection): void {
    const due = this.entries.slice(connection.served).filter(connection.matches);
    connection.served = this.entries.length;
    if (due.length === 0) return;
    const { previous, line, transport } = connection;
    connection.previous = due.at(-1)?.seq ?? previous;
    const json = jsonFrames.events(this.epoch, previous, due);
    line.write({ sse: encodeEvents(this.epoch, previous, due), json });
    if (transport === 'poll') line.close('end');
  }
}

function control<Name extends ControlName>(name: Name, data: ControlFrames[Name], id?: string): FakeFrames {
  return { sse: encodeControl(name, data, id), json: [jsonFrames.control(name, data, id)] };
}

function pending(signal: AbortSignal | undefined): Promise<Response> {
  return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
}
