import { SOCKET_PROTOCOL } from '@/lib/wire/socket-messages.ts';
import { CANCELLED, ENDED_BY_SERVER } from './fetch-stream.ts';
import { FrameFeed } from './frame-feed.ts';
import { closeEnd, complaintEnd, OVERRUN } from './goodbye.ts';
import { jsonFrame } from './json-frame.ts';
import type {
  OpenWebSocket,
  ReaderEnvironment,
  ReadRequest,
  StreamEnd,
  StreamReader,
  WebSocketEvents,
  WebSocketLine,
} from './stream-reader.ts';
import { streamUrl } from './stream-url.ts';

/**
 * Text that has arrived and is not handled yet, at most. A WebSocket cannot be told to wait: more than this, and the line
 * is closed; what is here is still handled, and the next stream goes on behind it.
 */
export const WAITING_CHARS_MAX = 8 * 1024 * 1024;

/** `/api/ws`: the server's messages are arrays of frames. */
export function wsReader({ openWebSocket, baseUrl }: ReaderEnvironment): StreamReader {
  return {
    name: 'ws',
    read(request) {
      if (!openWebSocket) return Promise.resolve({ again: true, cause: 'there are no WebSockets here' });
      return new Promise((resolve) => new SocketReading(request, resolve).open(openWebSocket, baseUrl));
    },
  };
}

/** One WebSocket, from its opening to its end. */
class SocketReading {
  readonly #request: ReadRequest;
  readonly #resolve: (end: StreamEnd) => void;
  readonly #feed: FrameFeed;
  #line: WebSocketLine | undefined;
  #waiting: string[] = [];
  #waitingChars = 0;
  #working = false;
  /** How it ends, once everything that has arrived is handled. */
  #end: StreamEnd | undefined;
  #wasOpen = false;
  /** The server's own words, told before it closes. */
  #complaint: StreamEnd | undefined;

  constructor(request: ReadRequest, resolve: (end: StreamEnd) => void) {
    this.#request = request;
    this.#resolve = resolve;
    this.#feed = new FrameFeed(request);
  }

  open(openWebSocket: OpenWebSocket, baseUrl: string): void {
    const { filter, from, lastEventId, signal } = this.#request;
    if (signal.aborted) {
      this.#finish(CANCELLED);
      return;
    }
    signal.addEventListener('abort', this.#onAbort, { once: true });
    // A browser's WebSocket sends no headers of ours.
    const url = streamUrl('/api/ws', filter, from, lastEventId === undefined ? {} : { lastEventId });
    try {
      this.#line = openWebSocket(baseUrl + url, SOCKET_PROTOCOL, this.#events);
    } catch (error) {
      this.#finish({ again: true, cause: error instanceof Error ? error.message : 'a WebSocket could not be made' });
    }
  }

  readonly #onAbort = (): void => this.#finish(CANCELLED);

  readonly #events: WebSocketEvents = {
    opened: () => {
      this.#wasOpen = true;
      const line = this.#line;
      if (line) this.#request.onLine?.((message) => line.send(JSON.stringify({ type: 'ack', ...message })));
    },
    message: (data) => {
      if (this.#end) return;
      if (typeof data !== 'string') {
        this.#finish({ again: true, cause: 'the server sent what is not text' });
        return;
      }
      // Letters, not bytes: nearly all of it is ASCII, and counting would cost another copy.
      this.#request.onBytes(data.length);
      this.#waiting.push(data);
      this.#waitingChars += data.length;
      if (this.#waitingChars > WAITING_CHARS_MAX) this.#endWith(OVERRUN);
      void this.#work();
    },
    closed: (code, reason) => {
      this.#endWith(this.#endOf(code, reason));
      void this.#work();
    },
  };

  #endOf(code: number, reason: string): StreamEnd {
    if (this.#complaint !== undefined) return this.#complaint;
    if (code >= 3000) return closeEnd(code, reason);
    if (!this.#wasOpen) return { again: true, cause: 'the WebSocket could not be opened' };
    return code === 1006 ? { again: true, cause: 'the WebSocket broke' } : ENDED_BY_SERVER;
  }

  #endWith(end: StreamEnd): void {
    this.#end ??= end;
    this.#line?.close();
  }

  /** Handles what waits, a message after the other, and ends the reading when that was all. */
  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      for (let text = this.#waiting.shift(); text !== undefined; text = this.#waiting.shift()) {
        this.#waitingChars -= text.length;
        this.#take(JSON.parse(text));
        if (!(await this.#feed.deliver())) return;
      }
      if (this.#end) this.#finish(this.#end);
    } catch (error) {
      this.#finish({ again: true, cause: error instanceof Error ? error.message : 'the connection broke' });
    } finally {
      this.#working = false;
    }
  }

  #take(message: unknown): void {
    if (!Array.isArray(message)) throw new Error('the server sent a message that is no array of frames');
    for (const value of message) {
      const frame = jsonFrame(value);
      this.#feed.push(frame);
      const isComplaint = frame.type === 'unknown' && value.event === 'error';
      this.#complaint = isComplaint ? complaintEnd(value.data) : undefined;
    }
  }

  #finish(end: StreamEnd): void {
    this.#request.signal.removeEventListener('abort', this.#onAbort);
    this.#end ??= end;
    this.#waiting = [];
    this.#line?.close();
    this.#resolve(end);
  }
}
