import type { ClientTransport } from '@/lib/core/client-transport.ts';
import { httpReader } from './http-reader.ts';
import { pollReader } from './poll-reader.ts';
import { sseReader } from './sse-reader.ts';
import type { ReaderEnvironment, StreamReader } from './stream-reader.ts';
import { wsReader } from './ws-reader.ts';

/** Every transport of the client, by name. */
export function makeReaders(environment: ReaderEnvironment): Record<ClientTransport, StreamReader> {
  return {
    sse: sseReader(environment),
    ws: wsReader(environment),
    http: httpReader(environment),
    poll: pollReader(environment),
  };
}
