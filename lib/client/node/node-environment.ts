import { WebSocket } from 'ws';
import { EVENT_BYTES_MAX } from '@/lib/core/event.ts';
import type { OpenWebSocket, ReaderEnvironment } from '../stream-reader.ts';
import { type Inbox, room } from './inbox.ts';

/** Whoever reads a line stops while this is full. */
type Gate = Pick<Inbox<unknown>, 'isFull' | 'watch'>;

export type NodeLine = {
  /** See `serverUrl`. */
  readonly url: string;
  readonly token: string | undefined;
  readonly gate: Gate;
};

const HANDSHAKE_MS_MAX = 15_000;
/** The server puts a round's events into one message. */
const MESSAGE_BYTES_MAX = 16 * EVENT_BYTES_MAX;

/** Node's fetch for paths of one server, see `serverUrl`. */
export function nodeFetch(url: string, token: string | undefined): typeof fetch {
  return (path, init) => {
    const headers = new Headers(init?.headers);
    if (token !== undefined) headers.set('Authorization', `Bearer ${token}`);
    return fetch(url + String(path), { ...init, headers });
  };
}

/** Node's fetch and the `ws` library, both of which can be told to wait: the kernel's buffers, then the server, do. */
export function nodeEnvironment(line: NodeLine): ReaderEnvironment & { readonly openWebSocket: OpenWebSocket } {
  const base = line.url.replace(/^http/, 'ws');
  const headers: Record<string, string> = line.token === undefined ? {} : { Authorization: `Bearer ${line.token}` };
  const get = nodeFetch(line.url, line.token);
  return {
    baseUrl: '',
    fetch: async (path, init) => {
      const response = await get(path, init);
      if (!response.ok || !response.body) return response;
      return gated(response, response.body, line.gate, init?.signal ?? undefined);
    },
    openWebSocket: (path, protocol, events) => {
      const ws = new WebSocket(base + path, protocol, {
        headers,
        perMessageDeflate: false,
        maxPayload: MESSAGE_BYTES_MAX,
        handshakeTimeout: HANDSHAKE_MS_MAX,
      });
      const follow = (isFull: boolean): void => (isFull ? ws.pause() : ws.resume());
      const unwatch = line.gate.watch(follow);
      ws.on('open', () => {
        events.opened();
        follow(line.gate.isFull);
      });
      ws.on('message', (data, isBinary) => events.message(isBinary ? data : String(data)));
      // `close` follows, and says the same in a number.
      ws.on('error', () => undefined);
      ws.on('close', (code, reason) => {
        unwatch();
        events.closed(code, String(reason));
      });
      return {
        send: (text) => ws.send(text, () => undefined),
        // A line that is not being read would never hear the other side's farewell.
        close: () => (ws.isPaused ? ws.terminate() : ws.close()),
      };
    },
  };
}

/** The same response, whose body is read only while the gate is open. */
export function gated(
  response: Response,
  body: ReadableStream<Uint8Array>,
  gate: Gate,
  signal: AbortSignal | undefined,
): Response {
  const reader = body.getReader();
  const slowed = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        await room(gate, signal);
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return new Response(slowed, response);
}
