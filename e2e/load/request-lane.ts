import { connect, type Socket } from 'node:net';
import { HttpDecoder, type ResponseHead } from '../support/http-decoder.ts';
import type { Target } from './viewer.ts';

export type Answer = { readonly head: ResponseHead; readonly body: string };

const BODY_CHARS_MAX = 64 * 1024;
const ANSWER_MS_MAX = 30_000;
/** Node's servers end a kept connection after 5 s without a request; one that is about to be ended is not used again. */
const KEPT_MS_MAX = 3000;

/** One kept connection that takes one POST after the other. Rejects when it breaks; the next POST opens a new one. */
export class RequestLane {
  readonly #target: Target;
  #socket: Socket | undefined;
  #waiting: { resolve(answer: Answer): void; reject(error: Error): void } | undefined;
  #decoder: HttpDecoder | undefined;
  #usedMs = 0;

  constructor(target: Target) {
    this.#target = target;
  }

  get isBusy(): boolean {
    return this.#waiting !== undefined;
  }

  post(path: string, type: string, body: string, headers = ''): Promise<Answer> {
    const { host, port } = this.#target;
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#decoder = this.#makeDecoder();
      if (performance.now() - this.#usedMs > KEPT_MS_MAX) this.#leave();
      this.#usedMs = performance.now();
      this.#socket ??= this.#connect();
      this.#socket.write(
        `POST ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\nUser-Agent: tailrace-load\r\nContent-Type: ${type}\r\n` +
          `${headers}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      );
    });
  }

  close(): void {
    this.#socket?.destroy();
  }

  #leave(): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.destroy();
  }

  #connect(): Socket {
    const socket = connect({ ...this.#target, noDelay: true });
    socket.setTimeout(ANSWER_MS_MAX, () => socket.destroy());
    let why = 'the connection was closed before the answer';
    socket.on('data', (bytes) => {
      try {
        this.#decoder?.feed(bytes);
      } catch (error) {
        why = (error as Error).message;
        socket.destroy();
      }
    });
    socket.on('error', (error) => {
      why = error.message;
    });
    socket.on('close', () => {
      // One that was left has nothing to do with what is waiting now.
      if (this.#socket !== socket) return;
      this.#socket = undefined;
      const waiting = this.#waiting;
      this.#waiting = undefined;
      waiting?.reject(new Error(why));
    });
    return socket;
  }

  #makeDecoder(): HttpDecoder {
    let body = '';
    let head: ResponseHead | undefined;
    const finish = (): void => {
      const waiting = this.#waiting;
      this.#waiting = undefined;
      this.#usedMs = performance.now();
      if (head?.headers.get('connection') === 'close') this.#leave();
      if (head) waiting?.resolve({ head, body });
    };
    return new HttpDecoder({
      onHead: (read) => {
        head = read;
        // It has no body, and says so by nothing else (RFC 9110 §15.3.5).
        if (read.status === 204) finish();
      },
      onBody: (bytes) => {
        if (body.length < BODY_CHARS_MAX) body += bytes.toString();
      },
      onEnd: finish,
    });
  }
}
