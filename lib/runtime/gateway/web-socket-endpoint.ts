import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { systemClock } from '@/lib/core/clock.ts';
import { AppError, isAppError } from '@/lib/core/errors.ts';
import type { Principal } from '@/lib/core/principal.ts';
import { parseStreamRequest } from '@/lib/stream/stream-request.ts';
import { WebSocketStream } from '@/lib/transport/web-socket-stream.ts';
import { SOCKET_PROTOCOL, socketMessageSchema } from '@/lib/wire/socket-messages.ts';
import { isFromOwnPage } from '../access/same-site.ts';
import type { Runtime } from '../create-runtime.ts';
import { takeAcknowledgement } from '../http/connection-endpoint.ts';
import { parseWith } from '../http/parse-with.ts';
import { askedOnSocket, headerOf, parseAsked, peerFor } from '../http/stream-asked.ts';
import { enterFromSocket } from '../http/stream-endpoint.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import type { Door, Upgrade } from './start-gateway.ts';

/** What a client may say in one message. */
const MESSAGE_BYTES_MAX = 64 * 1024;
const CLOSE_VIOLATION = 1008;
const CLOSE_TRY_LATER = 1013;
/** How long a line may stay after the goodbye: its place is free by then. */
const LINGER_MS = 5000;

/** `GET /api/ws`: a stream over a WebSocket. */
export function openWebSockets(runtime: Runtime): Door & { readonly accept: Upgrade } {
  const options = {
    noServer: true,
    maxPayload: MESSAGE_BYTES_MAX,
    closeTimeout: LINGER_MS,
    perMessageDeflate: runtime.config.wsDeflate && { threshold: 512, concurrencyLimit: 2 },
    handleProtocols: (offered: Set<string>) => offered.has(SOCKET_PROTOCOL) && SOCKET_PROTOCOL,
  };
  const server = new WebSocketServer(options);
  return {
    accept(req, socket, head) {
      if (!isFromOwnPage(headerOf(req))) {
        refuseUpgrade(socket, '403 Forbidden');
        return;
      }
      // Nobody listens for its errors while it is found out who asks, and one would end the process.
      const ignore = (): void => undefined;
      socket.on('error', ignore);
      void whoAsks(runtime, req).then((who) => {
        socket.off('error', ignore);
        server.handleUpgrade(req, socket, head, (ws) => openStream(runtime, ws, req, socket, who));
      });
    },
    async close() {
      for (const ws of server.clients) ws.terminate();
      server.close();
    },
  };
}

type Refused = { readonly error: unknown };

function whoAsks(runtime: Runtime, req: IncomingMessage): Promise<Principal | Refused> {
  return enterFromSocket(runtime, 'view', askedOnSocket('ws', req)).catch((error: unknown) => ({ error }));
}

/** Refusals are told inside the WebSocket: a browser's page does not see the status of a failed handshake. */
function openStream(
  runtime: Runtime,
  ws: WebSocket,
  req: IncomingMessage,
  socket: Duplex,
  who: Principal | Refused,
): void {
  const asked = askedOnSocket('ws', req);
  const refuse = (event: string, data: unknown, code: number, says: string): void => {
    ws.on('error', () => undefined);
    ws.send(JSON.stringify([{ event, data }]));
    ws.close(code, says.slice(0, 120));
  };
  try {
    if ('error' in who) throw who.error;
    const request = parseAsked(asked);
    // Its library answers pings, whether its author has thought of it or not.
    const peer = { ...peerFor(runtime, asked, who), acknowledges: true };
    const refusal = runtime.hub.admission.enter(peer, Date.now());
    if (refusal) {
      refuse('busy', { reason: refusal.says, retryMs: refusal.retryMs }, CLOSE_TRY_LATER, refusal.code);
      return;
    }
    const parts = {
      hub: runtime.hub,
      ws,
      socket: socket as Socket,
      peer,
      isDeflated: ws.extensions !== '',
      now: systemClock.now,
    };
    const onMessage = (stream: WebSocketStream, text: string): void => handle(runtime, stream, text);
    new WebSocketStream({ ...parts, onMessage, explain: (error) => explain(runtime, error) }, request);
  } catch (error) {
    refuse('error', explain(runtime, error), CLOSE_VIOLATION, 'the request was not understood');
  }
}

/** Throws bad-request. */
function handle(runtime: Runtime, stream: WebSocketStream, text: string): void {
  const message = parseWith(socketMessageSchema, parseJson(text));
  if (message.type === 'ping') stream.tell('pong', { id: message.id, time: new Date().toISOString() });
  else if (message.type === 'ack') takeAcknowledgement(runtime, stream.session.id, message);
  else {
    const query = new URLSearchParams(message.query);
    const { start, ...request } = parseStreamRequest(query, null, Date.now());
    const isPlaced = ['from', 'lastEventId', 'last_event_id'].some((name) => query.get(name));
    stream.resubscribe({ ...request, start: isPlaced ? start : undefined });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError('bad-request', `expected a JSON object, got ${JSON.stringify(text.slice(0, 60))}`);
  }
}

function explain(runtime: Runtime, error: unknown): { code: string; detail: string } {
  if (isAppError(error)) return { code: error.code, detail: error.message };
  runtime.onError(error);
  return { code: 'internal', detail: 'an unexpected error; see the log of the server' };
}
