import { fileURLToPath } from 'node:url';
import {
  type CallOptions,
  type Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  credentials,
  loadPackageDefinition,
  Metadata,
  type ServiceError,
  type StatusObject,
} from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { ContinuityLedger, type Frame } from '../../support/continuity-ledger.ts';
import type { SseClientOptions } from '../../support/sse-client.ts';
import { until } from '../../support/wait.ts';
import { GrpcRelay } from './grpc-relay.ts';

type Fields = Record<string, unknown>;
type Answer = (error: ServiceError | null, response: Fields) => void;

/** What grpc-js makes of the contract. */
export type TailraceStub = Client & {
  Subscribe(request: Fields, metadata?: Metadata, options?: CallOptions): ClientReadableStream<Fields>;
  Publish(metadata?: Metadata): ClientDuplexStream<Fields, Fields>;
  PublishBatch(request: Fields, answer: Answer): ClientUnaryCall;
  Query(request: Fields, answer: Answer): ClientUnaryCall;
};

const PROTO = fileURLToPath(new URL('../../../lib/wire/proto/tailrace/v1/tailrace.proto', import.meta.url));
const contract = loadPackageDefinition(loadSync(PROTO, { longs: Number, defaults: true, oneofs: true }));
const { Tailrace } = (
  contract['tailrace'] as unknown as { v1: { Tailrace: new (...given: unknown[]) => TailraceStub } }
).v1;

/** A channel of its own: what happens to it happens to nobody else. */
export function grpcStub(address: string): TailraceStub {
  return new Tailrace(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
}

const RECONNECT_MS = 20;

/** A client of `Subscribe`, with the surface of `SseClient`: a batch becomes one frame an event. */
export class GrpcClient {
  readonly ledger = new ContinuityLedger();
  readonly frames: Frame[] = [];
  readonly #options: SseClientOptions;
  readonly #relay: GrpcRelay;
  #stub: TailraceStub | undefined;
  #call: ClientReadableStream<Fields> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #isPaused = false;
  failure: Error | undefined;
  retryMs: number | undefined;
  /** How the last call ended. */
  status: StatusObject | undefined;
  connections = 0;
  /** Calls that have ended, and those of them that the server itself ended with a status. */
  ended = 0;
  endedCleanly = 0;

  /** @param url such as `http://127.0.0.1:3001`: where gRPC listens */
  constructor(url: string, options: SseClientOptions = {}) {
    this.#options = options;
    this.#relay = new GrpcRelay(new URL(url), () => options.cutAfterBytes?.(this.connections));
    void this.#connect();
  }

  async #connect(): Promise<void> {
    this.connections += 1;
    const port = await this.#relay.port();
    if (this.#closed) return;
    const stub = grpcStub(`127.0.0.1:${port}`);
    const call = stub.Subscribe(this.#request(), this.#metadata());
    [this.#stub, this.#call] = [stub, call];
    if (this.#isPaused) call.pause();
    call.on('data', (frame: Fields) => {
      try {
        for (const each of framesOf(frame)) this.#take(each);
      } catch (error) {
        this.failure ??= error as Error;
        call.cancel();
      }
    });
    // Every end is told by the status as well.
    call.on('error', () => undefined);
    call.on('status', (status) => {
      this.status = status;
      this.#onClosed(stub);
    });
  }

  #request(): Fields {
    const query = new URLSearchParams(this.#options.query ?? '');
    const field = (name: string): string => query.get(name) ?? '';
    const filter = { kind: field('kind'), level: field('level'), q: field('q'), services: query.getAll('service') };
    const lastEventId = this.ledger.lastEventId ?? (field('lastEventId') || field('last_event_id'));
    return { filter, from: field('from'), speed: Number(field('speed')), lastEventId };
  }

  #metadata(): Metadata {
    const metadata = new Metadata();
    for (const [name, value] of Object.entries(this.#options.headers ?? {})) metadata.set(name, value);
    return metadata;
  }

  #take(frame: Frame): void {
    if (this.#options.keepFrames !== false) this.frames.push(frame);
    this.ledger.take(frame);
    this.#options.onFrame?.(frame);
  }

  #onClosed(stub: TailraceStub): void {
    stub.close();
    this.ended += 1;
    const { metadata } = this.status ?? {};
    if (metadata?.get('tailrace-reason').length || metadata?.get('tailrace-code').length) this.endedCleanly += 1;
    const [retryMs] = metadata?.get('retry-after-ms') ?? [];
    if (retryMs !== undefined) this.retryMs = Number(retryMs);
    if (this.#closed || !this.#options.reconnect) return;
    this.#timer = setTimeout(() => void this.#connect(), RECONNECT_MS);
  }

  /** From the server, all layers counted. */
  get bytes(): number {
    return this.#relay.bytes;
  }
  /** Stops reading: HTTP/2's flow control then stops the server. */
  pause(): void {
    this.#isPaused = true;
    this.#call?.pause();
  }
  resume(): void {
    this.#isPaused = false;
    this.#call?.resume();
  }
  cut(): void {
    this.#relay.cut();
  }
  /** The cable is pulled: nobody is told. */
  freeze(): void {
    this.#relay.freeze();
  }
  /** Ends the call the way a program does that has seen enough. */
  cancel(): void {
    this.#call?.cancel();
  }
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#call?.cancel();
    this.#stub?.close();
    this.#relay.close();
  }

  named(event: string): Record<string, unknown>[] {
    return this.frames.filter((frame) => frame.event === event).map((frame) => JSON.parse(frame.data));
  }
  async first(event: string): Promise<Record<string, unknown>> {
    await until(`a frame ${event}`, () => this.failure !== undefined || this.named(event).length > 0);
    if (this.failure) throw this.failure;
    return this.named(event)[0] ?? {};
  }
  async events(count: number, timeoutMs?: number): Promise<void> {
    await until(`${count} events`, () => this.failure !== undefined || this.ledger.events >= count, timeoutMs);
    if (this.failure) throw this.failure;
  }
  /** Waits for the status. */
  async end(): Promise<void> {
    await until('the end of the call', () => this.ended === this.connections);
  }
}

/** A message as frames of the other transports: what has proto3's default is left out where JSON leaves it out. */
function framesOf(message: Fields): Frame[] {
  const name = String(message['frame']);
  const body = message[name] as Fields;
  if (name === 'events') return (body['events'] as Fields[]).map(frameOfEvent);
  const optional = ['reason', 'ackMs', ...(name === 'stream' ? ['missed'] : [])];
  const data = without(body, (key, value) => optional.includes(key) && !value);
  return [{ id: String(message['id']) || undefined, event: name, data: JSON.stringify(data) }];
}

function frameOfEvent(message: Fields): Frame {
  const { position, prev, durable, time, service, attributesJson, flags, kind } = message;
  const event = String(kind);
  const own = without(message[event] as Fields, (key, value) => value === '' && key !== 'message');
  const data = {
    ...{ position, prev, ...(!durable && { durable }), kind, time, service, ...own },
    ...(attributesJson !== '' && { attributes: JSON.parse(String(attributesJson)) }),
    ...((flags as string[]).length > 0 && { flags }),
  };
  return { id: String(position), event, data: JSON.stringify(data) };
}

function without(fields: Fields, isAbsent: (key: string, value: unknown) => boolean): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([key, value]) => !isAbsent(key, value)));
}
