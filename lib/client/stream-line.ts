import type { Scheduler } from './scheduler.ts';
import type { ServerFrame } from './server-frame.ts';
import type { ReadRequest, SendAcknowledgement, StreamEnd, StreamReader } from './stream-reader.ts';
import { Watchdog } from './watchdog.ts';

export type StreamLineEvents = {
  onBytes(bytes: number): void;
  /** @param isOpen false once handling a frame has dropped the line: the rest is for nobody */
  onFrames(frames: readonly ServerFrame[], isOpen: () => boolean): void;
  onEnd(end: StreamEnd): void;
  onSilent(silentMs: number): void;
};

/** The connection at hand, watched over. Of one that was dropped nothing is heard any more. */
export class StreamLine {
  readonly #scheduler: Scheduler;
  readonly #on: StreamLineEvents;
  readonly #watchdog: Watchdog;
  #request: AbortController | undefined;
  /** Where this line carries acknowledgements. */
  send: SendAcknowledgement | undefined;

  constructor(scheduler: Scheduler, on: StreamLineEvents) {
    this.#scheduler = scheduler;
    this.#on = on;
    this.#watchdog = new Watchdog(scheduler, (silentMs) => on.onSilent(silentMs));
  }

  open(reader: StreamReader, asked: Pick<ReadRequest, 'filter' | 'from' | 'lastEventId'>): void {
    this.drop();
    const request = new AbortController();
    this.#request = request;
    this.#watchdog.start();
    const isOpen = () => request === this.#request;
    const reading = reader.read({
      ...asked,
      signal: request.signal,
      now: () => this.#scheduler.now(),
      breathe: () => this.#scheduler.breathe(),
      pause: (ms) => this.#pause(ms, request.signal),
      onBytes: (bytes) => {
        if (!isOpen()) return;
        this.#watchdog.heard();
        this.#on.onBytes(bytes);
      },
      onFrames: (frames) => isOpen() && this.#on.onFrames(frames, isOpen),
      onLine: (send) => {
        if (isOpen()) this.send = send;
      },
    });
    void reading.then((end) => isOpen() && this.#on.onEnd(end));
  }

  drop(): void {
    this.#watchdog.stop();
    this.#request?.abort();
    this.#request = this.send = undefined;
  }

  /** The rhythm that the server promises. */
  expect(heartbeatMs: number): void {
    this.#watchdog.expect(heartbeatMs);
  }

  /** Call when time may have jumped. */
  check(): void {
    this.#watchdog.check();
  }

  #pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#scheduler.after(ms, done);
      signal.addEventListener('abort', done, { once: true });
      function done(): void {
        cancel();
        signal.removeEventListener('abort', done);
        resolve();
      }
    });
  }
}
