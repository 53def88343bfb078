import { FILTER_NONE, type Filter } from '@/lib/core/filter.ts';
import type { StreamFrame } from '@/lib/wire/frames.ts';
import { AckSender } from './ack-sender.ts';
import { BatchWriter } from './batch-writer.ts';
import { type ConnectionInput, initialMachine, isOpen, type MachineState, step } from './connection-machine.ts';
import { Continuity } from './continuity.ts';
import { type ControlFrame, FrameIntake } from './frame-intake.ts';
import { busyEnd, byeEnd } from './goodbye.ts';
import { LossRecord } from './loss-record.ts';
import { makePilot } from './make-pilot.ts';
import { ReportKeeper } from './report-keeper.ts';
import { RetryPace } from './retry-pace.ts';
import type { Cancel } from './scheduler.ts';
import type { StreamReport } from './stream-batch.ts';
import { StreamLine } from './stream-line.ts';
import type { StreamClientOptions, StreamTarget } from './stream-options.ts';
import type { StreamEnd } from './stream-reader.ts';
import type { TransportPilot } from './transport-pilot.ts';
import type { WishAsked } from './transport-try.ts';

/** One connection for one filter and cursor, kept alive: every loss of it is followed by an exact resume. */
export class StreamClient {
  readonly #options: StreamClientOptions;
  readonly #writer: BatchWriter;
  readonly #line: StreamLine;
  readonly #continuity: Continuity;
  readonly #keeper: ReportKeeper;
  readonly #acks: AckSender;
  readonly #loss = new LossRecord();
  readonly #pilot: TransportPilot;
  readonly #pace: RetryPace;
  #filter: Filter = FILTER_NONE;
  #machine: MachineState;
  #cancelRetry: Cancel | undefined;
  #resuming = false;
  #openedAtMs = 0;

  constructor(options: StreamClientOptions) {
    this.#options = options;
    this.#pilot = makePilot(options, (cause, atOnce) => this.#goOver(cause, atOnce));
    this.#pace = new RetryPace(() => options.scheduler.random());
    this.#machine = initialMachine(options.scheduler.now());
    this.#keeper = new ReportKeeper(this.#machine, options.seed, options.onReport);
    this.#acks = new AckSender(options, () => this.#keeper.report);
    this.#continuity = new Continuity(this.#keeper.report);
    this.#writer = new BatchWriter(options.scheduler, (batch) => {
      options.onBatch(batch);
      this.#publish();
    });
    const intake = new FrameIntake({
      continuity: this.#continuity,
      writer: this.#writer,
      keeper: this.#keeper,
      onControl: (frame) => this.#control(frame),
    });
    this.#line = new StreamLine(options.scheduler, {
      onBytes: (bytes) => this.#keeper.bytes(bytes),
      onFrames: (frames, isOpen) => intake.take(frames, isOpen),
      onEnd: (end) => this.#ended(end),
      onSilent: (silentMs) => this.#silent(silentMs),
    });
  }

  get report(): StreamReport {
    return this.#keeper.report;
  }

  /** Connects, or goes over to another filter or cursor; what has come in under the old ones is delivered first. */
  open(target: StreamTarget, cause: string): void {
    this.#pilot.dropped(cause);
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
    this.#pilot.stop(cause);
    this.#drop();
    this.#writer.flush();
    this.#loss.forget();
    this.#move({ type: 'stop', ...this.#because(cause) });
  }

  /** Skips the wait, and asks a server that said stop once more. */
  reconnectNow(cause: string): void {
    if (this.#machine.phase === 'idle') return;
    this.#pilot.dropped(cause);
    this.#lose();
    this.#pace.reset();
    this.#move({ type: 'restart', ...this.#because(cause) });
    this.#connect();
  }

  /** Call when time may have jumped. */
  check(): void {
    this.#line.check();
  }

  online(online: boolean): void {
    const { phase } = this.#machine;
    if (online && (phase === 'offline' || phase === 'waiting')) this.#retry('the browser is online');
    if (online || ['idle', 'closed', 'offline'].includes(phase)) return;
    this.#pilot.dropped('the browser is offline');
    this.#fail('the browser is offline', undefined);
  }

  /** Another transport from now on, where the stream stands: nothing is lost and nothing comes twice. */
  wish(asked: WishAsked): void {
    this.#pilot.wish(asked);
    this.#publish();
  }

  #goOver(cause: string, atOnce: boolean): void {
    const { phase } = this.#machine;
    if (phase === 'idle') return;
    if (atOnce) {
      this.#drop();
      this.#writer.flush();
      this.#move({ type: 'restart', ...this.#because(cause) });
      this.#connect();
    } else if (phase !== 'waiting' && phase !== 'offline') this.#fail(cause, undefined);
  }

  #connect(): void {
    const { cursor } = this.#continuity;
    // A resume says so, as EventSource does; `from` is for a start.
    const place = this.#resuming ? { from: undefined, lastEventId: cursor } : { from: cursor, lastEventId: undefined };
    this.#line.open(this.#pilot.begin(), { filter: this.#filter, ...place });
  }

  #control(frame: ControlFrame): void {
    const atMs = this.#options.scheduler.now();
    if (frame.type === 'stream') this.#opened(frame.data, atMs);
    if (frame.type === 'gap') {
      const notice = this.#continuity.gap(frame.data, atMs);
      if (notice) this.#writer.notice(notice, this.#continuity.cursor);
    }
    if (frame.type === 'renewed') this.#keeper.renewed(frame.data);
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
      if (this.#machine.phase === 'live') this.#pilot.heartbeat(frame.data, this.#keeper.report);
    }
    if (frame.type === 'busy') this.#ended(busyEnd(frame.data));
    if (frame.type === 'bye') this.#ended(byeEnd(frame.data));
  }

  #opened(frame: StreamFrame, atMs: number): void {
    this.#writer.replay(true);
    const notice = this.#continuity.open(frame, atMs);
    this.#resuming = true;
    this.#openedAtMs = atMs;
    this.#line.expect(frame.heartbeatMs);
    this.#pilot.opened();
    this.#writer.moveTo(this.#continuity.cursor);
    if (notice) this.#writer.notice(notice, this.#continuity.cursor);
    this.#keeper.opened(frame, this.#loss.opened(atMs));
    // The next request of a poll says where this client is.
    if (this.#pilot.reader.name !== 'poll') this.#acks.start(this.#line.send);
    const because = this.#because(`the stream is open (${frame.state})`);
    if (frame.state === 'live') this.#caughtUp('opened-live', because.cause);
    else this.#move({ type: 'opened', ...because });
  }

  #caughtUp(type: 'opened-live' | 'caught-up', cause: string): void {
    this.#writer.replay(false);
    const { lost, cursor } = this.#continuity;
    this.#writer.notice(this.#loss.caughtUp(this.#options.scheduler.now(), lost), cursor);
    this.#move({ type, ...this.#because(cause) });
  }

  #ended(end: StreamEnd): void {
    if (end.again) this.#fail(end.cause, end.retryMs);
    else {
      this.#lose();
      this.#writer.flush();
      this.#move({ type: 'refused', ...this.#because(end.cause) });
    }
    // The last word: it may go over to another transport at once.
    this.#pilot.ended(end);
    this.#publish();
  }

  #silent(silentMs: number): void {
    const cause = `no sign of life for ${Math.round(silentMs / 1000)} s`;
    this.#pilot.silent(cause);
    this.#lose();
    this.#move({ type: 'silent', ...this.#because(cause) });
    this.#retry('the stream was silent');
  }

  /** @param retryMs what the server asked for; without it the client's own back-off decides */
  #fail(cause: string, retryMs: number | undefined): void {
    const livedMs = isOpen(this.#machine.phase) ? this.#options.scheduler.now() - this.#openedAtMs : undefined;
    const delayMs = this.#pace.next(livedMs, retryMs);
    this.#lose();
    this.#writer.flush();
    const retryAtMs = this.#options.scheduler.now() + delayMs;
    const type = this.#options.isOnline() ? 'failed' : 'offline';
    this.#move({ type, ...this.#because(cause), attempt: this.#pace.failures, retryAtMs });
    this.#cancelRetry = this.#options.scheduler.after(delayMs, () => this.#retry('the wait is over'));
  }

  #retry(cause: string): void {
    this.#drop();
    this.#move({ type: 'connect', ...this.#because(cause) });
    this.#connect();
  }

  /** Drops the connection; if a stream was open, remembers when and where it broke until one is live again. */
  #lose(): void {
    if (isOpen(this.#machine.phase)) this.#loss.begin(this.#options.scheduler.now(), this.#continuity.lost);
    this.#drop();
  }

  #drop(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#acks.stop();
    this.#line.drop();
  }

  readonly #because = (cause: string) => ({ atMs: this.#options.scheduler.now(), cause });

  #move(input: ConnectionInput): void {
    const { state, legal } = step(this.#machine, input);
    if (!legal) this.#options.onIllegal?.(this.#machine, input);
    this.#machine = state;
    this.#publish();
  }

  #publish(): void {
    this.#keeper.publish(this.#machine, this.#continuity, this.#pilot.report);
  }
}
