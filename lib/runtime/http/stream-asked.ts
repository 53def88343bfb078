import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { AppError } from '@/lib/core/errors.ts';
import type { Principal } from '@/lib/core/principal.ts';
import type { Peer, Transport } from '@/lib/stream/peer.ts';
import { parseStreamRequest, type StreamRequest } from '@/lib/stream/stream-request.ts';
import type { Runtime } from '../create-runtime.ts';
import { clientAddress, peerOf } from './client-address.ts';

/** A request for a stream, whatever protocol it came by. */
export type Asked = {
  readonly transport: Transport;
  /** Address of the socket's other end, where it is known. */
  readonly peerAddress: string | undefined;
  /** Query of the address, with its `?`, or empty. */
  readonly search: string;
  /** By its name in lower case; gRPC's metadata and the like are headers too. */
  header(name: string): string | null;
};

/** No filter of this language needs more. */
const QUERY_CHARS_MAX = 8192;
const USER_AGENT_CHARS_MAX = 200;

export function askedByRequest(transport: Transport, request: Request): Asked {
  const { search } = new URL(request.url);
  const header = (name: string): string | null => request.headers.get(name);
  return { transport, peerAddress: peerOf(request), search, header };
}

export function askedOnSocket(transport: Transport, req: IncomingMessage): Asked {
  const { search } = new URL(req.url ?? '/', 'http://localhost');
  return { transport, peerAddress: req.socket.remoteAddress, search, header: headerOf(req) };
}

export function headerOf({ headers }: Pick<IncomingMessage, 'headers'>): Asked['header'] {
  return (name) => [headers[name]].flat()[0] ?? null;
}

/** Throws bad-request and query-too-long. */
export function parseAsked({ search, header }: Asked): StreamRequest {
  if (search.length > QUERY_CHARS_MAX) {
    throw new AppError(
      'query-too-long',
      `expected a query of at most ${QUERY_CHARS_MAX} characters, got ${search.length}`,
    );
  }
  return parseStreamRequest(new URLSearchParams(search), header('last-event-id'), Date.now());
}

export function peerFor(
  runtime: Runtime,
  { transport, peerAddress, search, header }: Asked,
  principal: Principal,
): Peer {
  const authorization = header('authorization');
  const isNamed = principal.kind !== 'local' && principal.kind !== 'open';
  return {
    transport,
    address: clientAddress(peerAddress, header('x-forwarded-for'), runtime.trustedProxies),
    userAgent: (header('user-agent') ?? '').slice(0, USER_AGENT_CHARS_MAX),
    principal,
    // Only a fingerprint of what nobody has asked for: the list of connections must not show what opens another door.
    user: isNamed ? principal.name : authorization ? fingerprint(authorization) : undefined,
    acknowledges: new URLSearchParams(search).get('ack') === '1',
    isReturning: Boolean(header('last-event-id')),
  };
}

function fingerprint(authorization: string): string {
  return createHash('sha256').update(authorization).digest('hex').slice(0, 8);
}
