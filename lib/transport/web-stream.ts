import type { ClientEnd } from '@/lib/core/close-reason.ts';
import type { Peer } from '@/lib/stream/peer.ts';
import type { StreamHub } from '@/lib/stream/stream-hub.ts';
import type { StreamRequest } from '@/lib/stream/stream-request.ts';
import type { StreamSession } from '@/lib/stream/stream-session.ts';
import type { HttpStreamKind } from './http-stream-kind.ts';

const BUFFER_BYTES_MAX = 64 * 1024;

/**
 * A stream as a web ReadableStream, for route handlers. `pull` is called when the consumer has taken what there was:
 * that is the sink's readiness, so a slow reader holds at most the buffer and one frame.
 */
export function openWebStream(
  hub: StreamHub,
  kind: HttpStreamKind,
  request: StreamRequest,
  peer: Peer,
  signal: AbortSignal,
): ReadableStream<Uint8Array> {
  let session: StreamSession | undefined;
  let closed = false;
  let answered = false;
  const leave = (reason: ClientEnd): void => {
    if (closed) return;
    closed = true;
    signal.removeEventListener('abort', onAbort);
    session?.resources.release('listener');
    session?.onClose(reason);
  };
  const onAbort = (): void => leave('client-left');
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        session = hub.open(
          request,
          kind.format,
          {
            write(bytes, what) {
              if (closed || answered) return false;
              answered = kind.endsWith.includes(what);
              controller.enqueue(bytes);
              return !answered && (controller.desiredSize ?? 0) > 0;
            },
            // Nothing tells when the consumer has taken the rest, so a stream that is ended here is over here.
            end() {
              if (closed) return;
              controller.close();
              onAbort();
            },
            destroy() {
              if (closed) return;
              controller.error(new Error('the stream was broken off'));
              onAbort();
            },
            get queuedBytes() {
              return closed ? 0 : BUFFER_BYTES_MAX - (controller.desiredSize ?? BUFFER_BYTES_MAX);
            },
          },
          peer,
        );
        session.resources.acquire('listener');
        // On abort the signal fires first; cancel follows only where the framework cancels the body (Next does not always).
        if (signal.aborted) onAbort();
        else signal.addEventListener('abort', onAbort, { once: true });
      },
      pull(controller) {
        if (!answered) session?.onReady();
        else if (!closed) {
          // The answer has been taken but for the buffer: until then its session was that of a slow reader.
          controller.close();
          leave('answered');
        }
      },
      cancel: onAbort,
    },
    { highWaterMark: BUFFER_BYTES_MAX, size: (bytes) => bytes?.byteLength ?? 0 },
  );
}
