import type { TRANSPORTS } from '@/lib/wire/connection-pages.ts';

export type Transport = (typeof TRANSPORTS)[number];

/** What people call a transport, wherever one is named. */
export const TRANSPORT_WORDS: Readonly<Record<Transport, string>> = {
  sse: 'SSE',
  'sse-web': 'SSE (Next)',
  ws: 'WebSocket',
  http: 'HTTP stream',
  poll: 'Long poll',
  grpc: 'gRPC',
  mqtt: 'MQTT',
};

/** In one sentence, for who has to choose or to understand. */
export const TRANSPORT_MEANINGS: Readonly<Record<Transport, string>> = {
  sse: 'text/event-stream: one response without an end',
  'sse-web': 'text/event-stream out of a route handler of Next',
  ws: 'a line in both directions, which proxies either let through or refuse',
  http: 'lines of JSON in one response without an end: passes what holds only event streams back',
  poll: 'one request after the other: passes everything, costs most',
  grpc: 'a server stream on its own port',
  mqtt: 'a broker’s subscription, over TCP or WebSocket',
};
