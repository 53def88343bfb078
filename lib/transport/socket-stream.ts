import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ClientEnd } from '@/lib/core/close-reason.ts';
import type { Peer } from '@/lib/stream/peer.ts';
import type { StreamHub } from '@/lib/stream/stream-hub.ts';
import type { StreamRequest } from '@/lib/stream/stream-request.ts';
import type { FrameName } from '@/lib/stream/wire-format.ts';
import type { HttpStreamKind } from './http-stream-kind.ts';

const BUFFER_BYTES_MAX = 64 * 1024;

/**
 * A stream straight on the socket, as an HTTP response. After the head the prepared chunks go past `ServerResponse`, which would frame each
 * of them again; an HTTP/1.0 client, which knows no chunks, gets them through it. Gives the peer's place back when the
 * client has left already, or when the request stands behind another one's answer.
 */
export function openSocketStream(
  hub: StreamHub,
  kind: HttpStreamKind,
  request: StreamRequest,
  peer: Peer,
  req: IncomingMessage,
  res: ServerResponse,
): void {
  const socket = res.socket;
  // No socket yet: a request sent behind another one's answer (pipelining). Whoever streams waits for the answer.
  if (!socket) res.writeHead(503, { 'Retry-After': '1', 'Content-Length': '0' }).end();
  // A client that has left already would never say so again, and its session would stay for ever.
  if (!socket || socket.destroyed) {
    hub.admission.leave(peer);
    return;
  }
  res.writeHead(200, kind.headers);
  res.flushHeaders();
  const chunked = req.httpVersion === '1.1';
  socket.setNoDelay(true);
  let closed = false;
  let answered = false;
  const sink = {
    write(bytes: Uint8Array, what: FrameName): boolean {
      if (closed || answered) return false;
      if (chunked) socket.write(bytes);
      else res.write(bytes);
      if (kind.endsWith.includes(what)) {
        answered = true;
        // Over when it has been taken: until then the session is that of a slow reader, and ends as one.
        res.end(() => leave('answered'));
        return false;
      }
      // Not what write() returned: that is false from 16 KiB on even when the kernel has taken everything.
      return socket.writableLength < BUFFER_BYTES_MAX;
    },
    end: () => void res.end(),
    destroy: () => void socket.destroy(),
    get queuedBytes() {
      return socket.writableLength;
    },
  };
  const session = hub.open(request, chunked ? kind.chunked : kind.format, sink, peer);
  const onDrain = (): void => {
    if (!answered) session.onReady();
  };
  // Everything is let go at once, whichever comes first: after an error `close` may be a turn of the loop away.
  const leave = (reason: ClientEnd): void => {
    if (closed) return;
    closed = true;
    socket.off('drain', onDrain);
    socket.off('error', onError);
    session.resources.release('listener');
    session.onClose(reason);
  };
  // A client that is killed, or closes with something unread, resets the connection: it has left all the same.
  const onError = ({ code, syscall }: NodeJS.ErrnoException): void => {
    leave(code === 'ECONNRESET' && syscall === 'read' ? 'client-left' : 'write-failed');
  };
  session.resources.acquire('listener');
  socket.on('drain', onDrain);
  socket.on('error', onError);
  res.once('close', () => {
    leave('client-left');
    // The next poll comes on the same connection.
    if (kind.endsWith.length > 0 && res.writableFinished) return;
    // A goodbye that has been taken ends the stream, not the client's right to send another request on this connection;
    // nobody does that after an event stream, and the descriptor is worth more.
    socket.destroySoon();
  });
}
