import type { ClientTransport } from '@/lib/core/client-transport.ts';
import type { WebSocketEvents } from '../stream-reader.ts';

/** The same frames, as each transport writes them. */
export type FakeFrames = { readonly sse: Uint8Array; readonly json: readonly string[] };

/** What a connection of the fake server writes to. */
export type FakeLine = {
  write(frames: FakeFrames): void;
  /** Bytes as they are. */
  raw(bytes: Uint8Array): void;
  close(how: 'error' | 'end'): void;
};

export type Cuts = {
  /** Sizes of the pieces that bytes are cut into, used in turn. */
  readonly pieces: () => number;
  /** Bytes until the line breaks. */
  bytesLeft: number;
  /** Something on the way keeps everything for itself. */
  readonly isHeld: boolean;
  readonly onClosed: () => void;
};

/** The body of a response, cut into pieces and broken off as a test wants. */
export function bodyLine(
  transport: ClientTransport,
  controller: ReadableStreamDefaultController<Uint8Array>,
  cuts: Cuts,
): FakeLine {
  let closed = false;
  const line: FakeLine = {
    write: ({ sse, json }) => line.raw(transport === 'sse' ? sse : Buffer.from(json.map((one) => `${one}\n`).join(''))),
    raw(bytes) {
      for (let start = 0; start < bytes.length && !closed && !cuts.isHeld; ) {
        const size = Math.min(Math.max(1, cuts.pieces()), bytes.length - start, cuts.bytesLeft);
        if (size > 0) controller.enqueue(bytes.slice(start, start + size));
        start += size;
        cuts.bytesLeft -= size;
        // A clean end, so that what was sent before the break is read: that is the harder case.
        if (cuts.bytesLeft <= 0) line.close('end');
      }
    },
    close(how) {
      if (closed) return;
      closed = true;
      cuts.onClosed();
      try {
        if (how === 'end') controller.close();
        else controller.error(new TypeError('network error'));
      } catch {
        // The reader has cancelled the stream already.
      }
    },
  };
  return line;
}

/** A WebSocket: whole messages, and a break between two of them. */
export function socketLine(events: WebSocketEvents, cuts: Cuts): FakeLine {
  let closed = false;
  const line: FakeLine = {
    write({ json }) {
      const text = `[${json.join(',')}]`;
      cuts.bytesLeft -= text.length;
      if (closed || cuts.isHeld) return;
      if (cuts.bytesLeft <= 0) line.close('error');
      else events.message(text);
    },
    raw: () => undefined,
    close(how) {
      if (closed) return;
      closed = true;
      cuts.onClosed();
      events.closed(how === 'end' ? 1000 : 1006, '');
    },
  };
  return line;
}
