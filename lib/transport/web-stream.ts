import type { Peer } from '@/lib/stream/peer.ts';
import type { StreamHub } from '@/lib/stream/stream-hub.ts';
import type { StreamRequest } from '@/lib/stream/stream-request.ts';
import type { StreamSession } from '@/lib/stream/stream-session.ts';
import { sseFormat } from '@/lib/stream/wire-format.ts';

const BUFFER_BYTES_MAX = 64 * 1024;

/**
 * A stream as a web ReadableStream, for route handlers. `pull` is called when the consumer has taken what there was:
 * that is the sink's readiness, so a slow reader holds at most the buffer and one frame.
 */
export function openWebStream(
  hub: StreamHub,
  request: StreamRequest,
  peer: Peer,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  let session: StreamSession | undefined;
  let closed = false;
  const leave = (): void => {
    if (closed) return;
    closed = true;
    signal.removeEventListener('abort', leave);
    session?.resources.release('listener');
    session?.onClose('client-left');
  };
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        session = hub.open(
          request,
          sseFormat,
          {
            write(bytes) {
              if (closed) return false;
              controller.enqueue(bytes);
              return (controller.desiredSize ?? 0) > 0;
            },
            // Nothing tells when the consumer has taken the rest, so a stream that is ended here is over here.
            end() {
              if (closed) return;
              controller.close();
              leave();
            },
            destroy() {
              if (closed) return;
              controller.error(new Error('the stream was broken off'));
              leave();
            },
            get queuedBytes() {
              return closed ? 0 : BUFFER_BYTES_MAX - (controller.desiredSize ?? BUFFER_BYTES_MAX);
            },
          },
          peer,
        );
        session.resources.acquire('listener');
        // On abort the signal fires first; cancel follows only where the framework cancels the body (Next does not always).
        if (signal.aborted) leave();
        else signal.addEventListener('abort', leave, { once: true });
      },
      pull() {
        session?.onReady();
      },
      cancel: leave,
    },
    { highWaterMark: BUFFER_BYTES_MAX, size: (bytes) => bytes?.byteLength ?? 0 },
  );
}
