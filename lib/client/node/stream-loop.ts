import type { ClientTransport } from '@/lib/core/client-transport.ts';
import type { StreamedEvent } from '@/lib/core/event.ts';
import type { Filter } from '@/lib/core/filter.ts';
import { parsePosition } from '@/lib/core/position.ts';
import type { StreamFrame } from '@/lib/wire/frames.ts';
import { AckSender } from '../ack-sender.ts';
import { Continuity } from '../continuity.ts';
import { busyEnd, byeEnd } from '../goodbye.ts';
import { LossRecord } from '../loss-record.ts';
import { RetryPace } from '../retry-pace.ts';
import type { Cancel, Scheduler } from '../scheduler.ts';
import type { ServerFrame } from '../server-frame.ts';
import { emptyReport, type StreamReport } from '../stream-batch.ts';
import { StreamLine } from '../stream-line.ts';
import type { StreamEnd, StreamReader } from '../stream-reader.ts';
import type { Inbox } from './inbox.ts';
import type { ConnectionItem, ConnectionPhase, ConnectionReport } from './items.ts';
import { patient } from './patient-reader.ts';
import { TransportOrder } from './transport-order.ts';

export type LoopOptions = {
  readonly filter: Filter;
  /** A position, or another place that the server knows. */
  readonly from: string | undefined;
  readonly transports: readonly ClientTransport[];
  readonly readers: Readonly<Record<ClientTransport, StreamReader>>;
  readonly fetch: typeof fetch;
  readonly scheduler: Scheduler;
  readonly inbox: Inbox<ConnectionItem>;
  readonly onReport: (report: ConnectionReport) => void;
};

/**
 * Keeps one stream alive and puts what it brings into the inbox. StreamClient does the same for a screen: it gathers what
 * one frame shows, and takes a line that is quiet for broken. Here the one who reads sets the pace, and a full inbox, which
 * nobody reads into, is not a silent line.
 */
export class StreamLoop {
  readonly #options: LoopOptions;
  readonly #continuity = new Continuity({ lost: 0, repeated: 0 });
  readonly #loss = new LossRecord();
  readonly #order: TransportOrder;
  readonly #pace: RetryPace;
  readonly #line: StreamLine;
  readonly #acks: AckSender;
  #cancelRetry: Cancel | undefined;
  #state: ConnectionPhase = 'connecting';
  #cause = 'not started';
  #opened: { readonly atMs: number; readonly frame: StreamFrame } | undefined;
  #wasOpened = false;
  #received = 0;
  #reconnects = 0;
  #unweighedBytes = 0;

  constructor(options: LoopOptions) {
    this.#options = options;
    const { filter, from, scheduler } = options;
    this.#continuity.begin(filter, from !== undefined && parsePosition(from) ? from : undefined);
    this.#order = new TransportOrder(options.transports);
    this.#pace = new RetryPace(() => scheduler.random());
    this.#line = new StreamLine(scheduler, {
      onBytes: (bytes) => {
        this.#unweighedBytes += bytes;
      },
      onFrames: (frames, isOpen) => this.#take(frames, isOpen),
      onEnd: (end) => this.#ended(end),
      onSilent: (silentMs) => {
        this.#ended({ again: true, cause: `no sign of life for ${Math.round(silentMs / 1000)} s` });
      },
    });
    this.#acks = new AckSender(options, () => this.#ackReport());
  }

  get report(): ConnectionReport {
    const { cursor: read, lost, repeated } = this.#continuity;
    const { failures: attempt, name: transport } = this.#order;
    const counts = { received: this.#received, lost, repeated, reconnects: this.#reconnects };
    return { state: this.#state, cause: this.#cause, attempt, transport, read, ...counts };
  }

  start(cause = 'started'): void {
    this.#move('connecting', cause);
    this.#connect();
  }

  switchTransport(name: ClientTransport): void {
    if (this.#state === 'closed') return;
    this.#drop();
    this.#order.fix(name);
    this.start(`asked to go over to ${name}`);
  }

  stop(cause: string): void {
    this.#drop();
    if (this.#state !== 'closed') this.#move('closed', cause);
  }

  #connect(): void {
    const { filter, from, scheduler, readers, inbox } = this.#options;
    const { cursor } = this.#continuity;
    this.#opened = undefined;
    const resume = { from: undefined, lastEventId: cursor };
    const place = this.#wasOpened ? resume : { from: cursor ?? from, lastEventId: undefined };
    this.#line.open(patient(readers[this.#order.name], inbox, scheduler), { filter, ...place });
  }

  #take(frames: readonly ServerFrame[], isOpen: () => boolean): void {
    for (const frame of frames) {
      if (!isOpen()) break;
      if (frame.type === 'event') this.#event(frame.event);
      else this.#control(frame);
    }
    this.#options.inbox.weigh(this.#unweighedBytes);
    this.#unweighedBytes = 0;
  }

  #event(event: StreamedEvent): void {
    const { cursor: from, lost } = this.#continuity;
    if (!this.#continuity.accept(event)) return;
    this.#unannounced(from, event.prev, lost);
    this.#received += 1;
    this.#options.inbox.push({ type: 'event', event }, event.position);
  }

  /** What only the proof has found out. */
  #unannounced(from: string | undefined, to: string, lostBefore: number): void {
    const missed = this.#continuity.lost - lostBefore;
    if (missed === 0 || from === undefined) return;
    this.#options.inbox.push({ type: 'gap', gap: { from, to, missed, reason: 'unannounced' } }, to);
  }

  #control(frame: Exclude<ServerFrame, { type: 'event' }>): void {
    if (frame.type === 'stream') this.#open(frame.data);
    if (frame.type === 'gap') this.#gap(this.#continuity.gap(frame.data, 0));
    if (frame.type === 'retry') this.#pace.hint(frame.retryMs);
    if (frame.id !== undefined) this.#continuity.moveTo(frame.id);
    if (this.#continuity.cursor !== undefined) this.#options.inbox.moveTo(this.#continuity.cursor);
    if (frame.type === 'live' && this.#state === 'replaying') this.#caughtUp('caught up with the journal');
    if (frame.type === 'heartbeat') this.#acks.heard(frame.data);
    if (frame.type === 'busy') this.#ended(busyEnd(frame.data));
    if (frame.type === 'bye') this.#ended(byeEnd(frame.data));
  }

  #open(frame: StreamFrame): void {
    const atMs = this.#options.scheduler.now();
    const { cursor: from, lost } = this.#continuity;
    const notice = this.#continuity.open(frame, atMs);
    if (notice) this.#gap(notice);
    else this.#unannounced(from, frame.from, lost);
    this.#opened = { atMs, frame };
    this.#wasOpened = true;
    this.#order.proven();
    this.#line.expect(frame.heartbeatMs);
    if (this.#loss.opened(atMs)) this.#reconnects += 1;
    this.#acks.start(this.#line.send);
    this.#move('replaying', `the stream is open (${frame.state})`);
    if (frame.state === 'live') this.#caughtUp('the stream is open (live)');
  }

  #gap(notice: ReturnType<Continuity['gap']>): void {
    if (!notice || notice.kind === 'caught-up') return;
    const { from, to, missed, reason } = notice.gap;
    this.#options.inbox.push({ type: notice.kind, gap: { from, to, missed, reason } }, to);
  }

  #caughtUp(cause: string): void {
    const { lost, cursor } = this.#continuity;
    const notice = this.#loss.caughtUp(this.#options.scheduler.now(), lost);
    this.#move('live', cause);
    if (notice.kind !== 'caught-up') return;
    const down = notice.downMs !== undefined && { downMs: notice.downMs };
    this.#options.inbox.push({ type: 'live', lost: notice.lost, ...down }, cursor);
  }

  #ended(end: StreamEnd): void {
    const nowMs = this.#options.scheduler.now();
    const livedMs = this.#opened && nowMs - this.#opened.atMs;
    if (this.#opened) this.#loss.begin(nowMs, this.#continuity.lost);
    this.#drop();
    if (!end.again) {
      this.#options.inbox.push({ type: 'end', cause: end.cause }, this.#continuity.cursor);
      this.#options.inbox.end();
      this.stop(end.cause);
      return;
    }
    this.#order.failed();
    this.#cancelRetry = this.#options.scheduler.after(this.#pace.next(livedMs, end.retryMs), () =>
      this.start('the wait is over'),
    );
    this.#move('waiting', end.cause);
  }

  #drop(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#line.drop();
    this.#acks.stop();
  }

  #ackReport(): StreamReport {
    const { connectionId, heartbeatMs } = this.#opened?.frame ?? {};
    return {
      ...emptyReport(0),
      connectionId,
      heartbeatMs,
      cursor: this.#continuity.cursor,
      reconnects: this.#reconnects,
    };
  }

  #move(state: ConnectionPhase, cause: string): void {
    this.#state = state;
    this.#cause = cause;
    this.#options.onReport(this.report);
  }
}
