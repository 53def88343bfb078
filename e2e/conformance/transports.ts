import type { Transport as ServerKind } from '../support/in-process-server.ts';
import { CurlClient, hasCurl } from './clients/curl-client.ts';
import { EventSourceClient } from './clients/eventsource-client.ts';
import { GrpcStreamClient } from './clients/grpc-stream-client.ts';
import { MqttStreamClient } from './clients/mqtt-client.ts';
import { NdjsonClient } from './clients/ndjson-client.ts';
import { PollClient } from './clients/poll-client.ts';
import { WsClient } from './clients/ws-client.ts';
import { SseStreamClient, type StreamClient, type StreamClientOptions } from './stream-client.ts';

/** What a case may need, and not every transport or every client of it has. */
export const CAPABILITIES = [
  /** The first frame of a stream comes as it is, and with it ids of control frames. */
  'first-frame',
  'heartbeats',
  'bye',
  /** One answer without an end: a poll begins anew each time. */
  'one-stream',
  /** The bytes of an event stream can be looked at. */
  'event-stream',
  /** The head of the response can be looked at. */
  'http-head',
  /** Says of a connection whether it ended as its protocol ends. */
  'clean-end',
  /** A refusal names a delay, and the client hands it on. */
  'refusal-delay',
  /** A query of any kind can be sent along: a start as time or age, a parameter that is wrong. */
  'query',
  /** `Last-Event-ID` beside the query. */
  'cursor-header',
  /** Another query on the line that is there. */
  'resubscribe',
  /** Hundreds of thousands of events, for the sake of the sink: once for each kind of sink. */
  'bulk',
  /** What is counted in bytes here is what goes over the line. */
  'plain-bytes',
] as const;
export type Capability = (typeof CAPABILITIES)[number];

export type TransportUnderTest = {
  readonly name: string;
  /** What serves it: the Node server or a route handler. */
  readonly server: ServerKind;
  readonly settings?: Readonly<Record<string, string>>;
  /** What it has not, and why: cases that need it are left out, counted and printed. */
  readonly lacks: Readonly<Partial<Record<Capability, string>>>;
  /** Why it cannot be run here. */
  readonly missing?: string | undefined;
  open(server: ServerUnderTest, options: StreamClientOptions): StreamClient;
};

export type ServerUnderTest = {
  readonly url: string;
  readonly gateway?: { readonly grpcPort: number | undefined; readonly mqttPort: number | undefined };
};

const NOT_SSE = { 'event-stream': 'it has frames of its own', resubscribe: 'nothing can be said to the server' };
const ONE_WAY = { resubscribe: 'nothing can be said to the server' };
const SINK_TESTED = 'its sink has another entry here';
const EACH_ANEW = 'each poll begins with a first frame and ends with its answer';

const SSE = {
  lacks: ONE_WAY,
  open: ({ url }: ServerUnderTest, options: StreamClientOptions) => new SseStreamClient(url, options),
};
const HTTP = {
  lacks: NOT_SSE,
  open: ({ url }: ServerUnderTest, options: StreamClientOptions) => new NdjsonClient(url, options),
};
const POLL = {
  lacks: { ...NOT_SSE, 'one-stream': EACH_ANEW },
  open: ({ url }: ServerUnderTest, options: StreamClientOptions) => new PollClient(url, options),
};
const WS_LACKS = { 'event-stream': NOT_SSE['event-stream'], 'http-head': 'the handshake tells nothing of the stream' };
const CURL_LACKS = { 'http-head': 'it is read by curl', bulk: SINK_TESTED, ...ONE_WAY };

const MQTT_LACKS = {
  'event-stream': NOT_SSE['event-stream'],
  'http-head': 'packets have no head of a response',
  query: 'a filter is a set of topics: a text has none, and a wrong parameter cannot be said',
  'cursor-header': 'the cursor is a property of the subscription',
  'refusal-delay': 'a reason code names no delay',
};

/** Every transport, by clients of ours and by clients that others wrote. */
export const TRANSPORTS: readonly TransportUnderTest[] = [
  { name: 'sse', server: 'socket', ...SSE },
  { name: 'sse through a route handler', server: 'web', ...SSE },
  {
    name: 'sse, npm eventsource',
    server: 'socket',
    lacks: {
      ...ONE_WAY,
      bulk: SINK_TESTED,
      'event-stream': 'it keeps the bytes to itself',
      'http-head': 'it keeps the head to itself',
      'clean-end': 'every end is an error to it',
      'refusal-delay': 'it keeps Retry-After to itself',
    },
    open: ({ url }, options) => new EventSourceClient(url, options),
  },
  {
    name: 'sse, curl',
    server: 'socket',
    lacks: { ...CURL_LACKS, 'event-stream': 'the bytes are parsed as they come' },
    missing: hasCurl ? undefined : 'no /usr/bin/curl here',
    open: ({ url }, options) => new CurlClient('sse', url, options),
  },
  { name: 'ws', server: 'socket', lacks: WS_LACKS, open: ({ url }, options) => new WsClient(url, options) },
  {
    name: 'ws, compressed',
    server: 'socket',
    settings: { TAILRACE_WS_DEFLATE: '1' },
    lacks: { ...WS_LACKS, bulk: SINK_TESTED, 'plain-bytes': 'compressed, a tenth of them goes over the line' },
    open: ({ url }, options) => new WsClient(url, options, undefined, { perMessageDeflate: true }),
  },
  { name: 'http', server: 'socket', ...HTTP },
  { name: 'http through a route handler', server: 'web', ...HTTP, lacks: { ...HTTP.lacks, bulk: SINK_TESTED } },
  {
    name: 'http, curl',
    server: 'socket',
    lacks: { ...CURL_LACKS, ...NOT_SSE },
    missing: hasCurl ? undefined : 'no /usr/bin/curl here',
    open: ({ url }, options) => new CurlClient('ndjson', url, options),
  },
  { name: 'poll', server: 'socket', ...POLL },
  { name: 'poll through a route handler', server: 'web', ...POLL, lacks: { ...POLL.lacks, bulk: SINK_TESTED } },
  {
    name: 'grpc',
    server: 'socket',
    settings: { TAILRACE_GRPC_PORT: '0' },
    lacks: {
      'event-stream': NOT_SSE['event-stream'],
      'http-head': 'a call has metadata',
      'cursor-header': 'the cursor is a field of the request',
      resubscribe: 'another filter is another call',
    },
    open: ({ gateway }, options) => new GrpcStreamClient(`http://127.0.0.1:${gateway?.grpcPort}`, options),
  },
  {
    name: 'mqtt',
    server: 'socket',
    lacks: MQTT_LACKS,
    open: ({ url }, options) => new MqttStreamClient('ws', url, options),
  },
  {
    name: 'mqtt over tcp',
    server: 'socket',
    settings: { TAILRACE_MQTT_PORT: '0' },
    lacks: { ...MQTT_LACKS, bulk: SINK_TESTED },
    open: ({ gateway }, options) => new MqttStreamClient('tcp', `http://127.0.0.1:${gateway?.mqttPort}`, options),
  },
];
