import { constants } from 'node:http2';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { ClientEnd } from '@/lib/core/close-reason.ts';
import type { Peer } from '@/lib/stream/peer.ts';
import type { Sink } from '@/lib/stream/sink.ts';
import type { StreamHub } from '@/lib/stream/stream-hub.ts';
import type { StreamRequest } from '@/lib/stream/stream-request.ts';
import type { FrameName, WireFormat } from '@/lib/stream/wire-format.ts';
import { type FrameCodec, messagesOf, readGoodbye } from './grpc-format.ts';
import { statusOfClose } from './grpc-status.ts';
import { http2StreamOf } from './http2-stream-of.ts';

const BUFFER_BYTES_MAX = 64 * 1024;

export type GrpcStreamParts = {
  readonly hub: StreamHub;
  /** The same object for all calls of a server. */
  readonly format: WireFormat;
  readonly codec: Pick<FrameCodec, 'deserialize'>;
  readonly call: ServerWritableStream<unknown, Uint8Array>;
  readonly peer: Peer;
};

/**
 * A stream as a server-streaming call. Its status follows the goodbye; cancellation, a deadline and a broken connection
 * are the client's leaving. Gives the peer's place back when the client has left already.
 */
export function openGrpcStream({ hub, format, codec, call, peer }: GrpcStreamParts, request: StreamRequest): void {
  // It was cancelled before it got here, and would never say so again.
  if (call.cancelled || http2StreamOf(call)?.destroyed) {
    hub.admission.leave(peer);
    return;
  }
  let queuedBytes = 0;
  let isFull = false;
  let closed = false;
  let goodbye: Uint8Array | undefined;
  const leave = (reason: ClientEnd): void => {
    if (closed) return;
    closed = true;
    call.off('cancelled', onCancelled);
    session.resources.release('listener');
    session.onClose(reason);
  };
  const onCancelled = (): void => leave('client-left');
  // Not what `write` returned: that counts messages, of which sixteen may be large. HTTP/2 has taken these bytes when the
  // client's flow control has let them go.
  const onTaken = (bytes: number): void => {
    queuedBytes -= bytes;
    if (closed || !isFull || queuedBytes >= BUFFER_BYTES_MAX) return;
    isFull = false;
    session.onReady();
  };
  const sink: Sink = {
    write(bytes: Uint8Array, what: FrameName): boolean {
      if (closed || call.writableEnded) return false;
      for (const message of messagesOf(bytes)) {
        if (what === 'bye') goodbye = message;
        queuedBytes += message.length;
        call.write(message, () => onTaken(message.length));
      }
      isFull = queuedBytes >= BUFFER_BYTES_MAX;
      return !isFull;
    },
    end() {
      const { reason } = session.life;
      if (closed || reason === undefined) return;
      const bye = goodbye && readGoodbye(codec, goodbye);
      // How grpc-js is told a status other than OK: it ends the call after what has been written.
      call.emit('error', statusOfClose(reason, bye));
    },
    destroy() {
      // Even a status waits for the client's flow control.
      http2StreamOf(call)?.close(constants.NGHTTP2_INTERNAL_ERROR);
      leave('write-failed');
    },
    get queuedBytes() {
      return queuedBytes;
    },
  };
  const session = hub.open(request, format, sink, peer);
  session.resources.acquire('listener');
  call.on('cancelled', onCancelled);
}
