import { FILTER_NONE, type Filter } from '@/lib/core/filter.ts';
import type { StreamFrame } from '@/lib/wire/frames.ts';
import { AckSender } from './ack-sender.ts';
import { BatchWriter } from './batch-writer.ts';
import { type ConnectionInput, initialMachine, isOpen, type MachineState, step } from './connection-machine.ts';
import { Continuity } from './continuity.ts';
import { busyEnd, byeEnd } from './goodbye.ts';
import { LossRecord } from './loss-record.ts';
import { ReportKeeper } from './report-keeper.ts';
import { RetryPace } from './retry-pace.ts';
import type { Cancel, Scheduler } from './scheduler.ts';
import type { ServerFrame } from './server-frame.ts';
import { sseReader } from './sse-reader.ts';
import type { StreamReport } from './stream-batch.ts';
import type { StreamClientOptions, StreamTarget } from './stream-options.ts';
import type { ReadRequest, StreamEnd, StreamReader } from './stream-reader.ts';
import { Watchdog } from './watchdog.ts';

/** One connection for one filter and cursor, kept alive: every loss of it is followed by an exact resume. */
export class StreamClient {
  readonly #options: StreamClientOptions;
  readonly #scheduler: Scheduler;
  readonly #writer: BatchWriter;
  readonly #watchdog: Watchdog;
  readonly #continuity: Continuity;
  readonly #keeper: ReportKeeper;
  readonly #acks: AckSender;
  readonly #loss = new LossRecord();
  readonly #reader: StreamReader;
  readonly #pace: RetryPace;
  #filter: Filter = FILTER_NONE;
  #machine: MachineState;
  #request: AbortController | undefined;
  #cancelRetry: Cancel | undefined;
  #resuming = false;
  #openedAtMs = 0;

  constructor(options: StreamClientOptions) {
    this.#options = options;
    this.#scheduler = options.scheduler;
    this.#reader = sseReader({ fetch: options.fetch, baseUrl: '' });
    this.#pace = new RetryPace(() => options.scheduler.random());
    this.#machine = initialMachine(options.scheduler.now());
    this.#keeper = new ReportKeeper(this.#machine, options.seed, options.onReport);
    this.#acks = new AckSender(options, () => this.#keeper.report);
    this.#continuity = new Continuity(this.#keeper.report);
    this.#writer = new BatchWriter(options.scheduler, (batch) => {
      options.onBatch(batch);
      this.#publish();
    });
    this.#watchdog = new Watchdog(options.scheduler, (silentMs) => this.#silent(silentMs));
  }

  get report(): StreamReport {
    return this.#keeper.report;
  }

  /** Connects, or goes over to another filter or cursor; what has come in under the old ones is delivered first. */
  open(target: StreamTarget, cause: string): void {
    this.#drop();
    this.#writer.begin(target.filter, target.cursor);
    this.#continuity.begin(target.filter, target.cursor);
    this.#filter = target.filter;
    this.#resuming = false;
    const running = this.#machine.phase !== 'idle' && this.#machine.phase !== 'closed';
    this.#move({ type: running ? 'restart' : 'connect', ...this.#because(cause) });
    this.#connect();
  }

  stop(cause: string): void {
    if (this.#machine.phase === 'idle') return;
    this.#drop();
    this.#writer.flush();
    this.#loss.forget();
    this.#move({ type: 'stop', ...this.#because(cause) });
  }

  /** Skips the wait, and asks a server that said stop once more. */
  reconnectNow(cause: string): void {
    if (this.#machine.phase === 'idle') return;
    this.#lose();
    this.#pace.reset();
    this.#move({ type: 'restart', ...this.#because(cause) });
    this.#connect();
  }

  /** Call when time may have jumped. */
  check(): void {
    this.#watchdog.check();
  }

  online(online: boolean): void {
    const { phase } = this.#machine;
    if (online && (phase === 'offline' || phase === 'waiting')) this.#retry('the browser is online');
    const running = phase !== 'idle' && phase !== 'closed' && phase !== 'offline';
    if (!online && running) this.#fail('the browser is offline', undefined);
  }

  #connect(): void {
    const request = new AbortController();
    this.#request = request;
    this.#watchdog.start();
    const { cursor } = this.#continuity;
    // A resume says so in the header, as EventSource does; the query is for a start.
    const reading: ReadRequest = {
      filter: this.#filter,
      ...(this.#resuming ? { from: undefined, lastEventId: cursor } : { from: cursor, lastEventId: undefined }),
      signal: request.signal,
      now: () => this.#scheduler.now(),
      breathe: () => this.#scheduler.breathe(),
      onBytes: (bytes) => this.#heard(request, bytes),
      onFrames: (frames) => this.#frames(request, frames),
    };
    void this.#reader.read(reading).then((end) => request === this.#request && this.#ended(end));
  }

  #heard(request: AbortController, bytes: number): void {
    if (request !== this.#request) return;
    this.#watchdog.heard();
    this.#keeper.bytes(bytes);
  }

  #frames(request: AbortController, frames: readonly ServerFrame[]): void {
    let received = 0;
    const count = () => {
      this.#keeper.events(received, this.#machine.phase === 'replaying');
      received = 0;
    };
    for (const frame of frames) {
      if (request !== this.#request) break;
      if (frame.type === 'event') {
        if (!this.#continuity.accept(frame.event)) continue;
        received += 1;
        this.#writer.event(frame.event);
      } else {
        count();
        this.#control(frame);
      }
    }
    count();
    this.#writer.flushIfDue();
  }

  #control(frame: Exclude<ServerFrame, { type: 'event' }>): void {
    const atMs = this.#scheduler.now();
    if (frame.type === 'stream') this.#opened(frame.data, atMs);
    if (frame.type === 'gap') {
      const notice = this.#continuity.gap(frame.data, atMs);
      if (notice) this.#writer.notice(notice, this.#continuity.cursor);
    }
    if (frame.type === 'retry') this.#pace.hint(frame.retryMs);
    if (frame.id !== undefined) this.#continuity.moveTo(frame.id);
    this.#writer.moveTo(this.#continuity.cursor);
    if (frame.type === 'live') {
      this.#keeper.head(frame.data.head);
      if (this.#machine.phase === 'replaying') this.#caughtUp('caught-up', 'caught up with the journal');
    }
    if (frame.type === 'heartbeat') {
      this.#keeper.heartbeat(frame.data, atMs);
      this.#publish();
      this.#acks.heard(frame.data);
    }
    if (frame.type === 'busy') this.#ended(busyEnd(frame.data));
    if (frame.type === 'bye') this.#ended(byeEnd(frame.data));
  }

  #opened(frame: StreamFrame, atMs: number): void {
    this.#writer.replay(true);
    const notice = this.#continuity.open(frame, atMs);
    this.#resuming = true;
    this.#openedAtMs = atMs;
    this.#watchdog.expect(frame.heartbeatMs);
    this.#writer.moveTo(this.#continuity.cursor);
    if (notice) this.#writer.notice(notice, this.#continuity.cursor);
    this.#keeper.opened(frame, this.#loss.opened(atMs));
    this.#acks.start();
    const cause = `the stream is open (${frame.state})`;
    if (frame.state === 'live') this.#caughtUp('opened-live', cause);
    else this.#move({ type: 'opened', ...this.#because(cause) });
  }

  #caughtUp(type: 'opened-live' | 'caught-up', cause: string): void {
    this.#writer.replay(false);
    const { lost, cursor } = this.#continuity;
    this.#writer.notice(this.#loss.caughtUp(this.#scheduler.now(), lost), cursor);
    this.#move({ type, ...this.#because(cause) });
  }

  #ended(end: StreamEnd): void {
    if (end.again) this.#fail(end.cause, end.retryMs);
    else {
      this.#lose();
      this.#writer.flush();
      this.#move({ type: 'refused', ...this.#because(end.cause) });
    }
  }

  #silent(silentMs: number): void {
    this.#lose();
    this.#move({ type: 'silent', ...this.#because(`no sign of life for ${Math.round(silentMs / 1000)} s`) });
    this.#retry('the stream was silent');
  }

  /** @param retryMs what the server asked for; without it the client's own back-off decides */
  #fail(cause: string, retryMs: number | undefined): void {
    const livedMs = isOpen(this.#machine.phase) ? this.#scheduler.now() - this.#openedAtMs : undefined;
    const delayMs = this.#pace.next(livedMs, retryMs);
    this.#lose();
    this.#writer.flush();
    const retryAtMs = this.#scheduler.now() + delayMs;
    const type = this.#options.isOnline() ? 'failed' : 'offline';
    this.#move({ type, ...this.#because(cause), attempt: this.#pace.failures, retryAtMs });
    this.#cancelRetry = this.#scheduler.after(delayMs, () => this.#retry('the wait is over'));
  }

  #retry(cause: string): void {
    this.#drop();
    this.#move({ type: 'connect', ...this.#because(cause) });
    this.#connect();
  }

  /** Drops the connection; if a stream was open, remembers when and where it broke until one is live again. */
  #lose(): void {
    if (isOpen(this.#machine.phase)) this.#loss.begin(this.#scheduler.now(), this.#continuity.lost);
    this.#drop();
  }

  #drop(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#watchdog.stop();
    this.#acks.stop();
    this.#request?.abort();
    this.#request = undefined;
  }

  readonly #because = (cause: string) => ({ atMs: this.#scheduler.now(), cause });

  #move(input: ConnectionInput): void {
    const { state, legal } = step(this.#machine, input);
    if (!legal) this.#options.onIllegal?.(this.#machine, input);
    this.#machine = state;
    this.#publish();
  }

  #publish(): void {
    this.#keeper.publish(this.#machine, this.#continuity);
  }
}
