import { backoffMs } from '@/lib/core/backoff.ts';
import { FILTER_NONE, type Filter, filterToQuery } from '@/lib/core/filter.ts';
import type { StreamFrame } from '@/lib/wire/frames.ts';
import { BatchWriter } from './batch-writer.ts';
import { type ConnectionInput, initialMachine, isOpen, type MachineState, step } from './connection-machine.ts';
import { Continuity } from './continuity.ts';
import type { Cancel, Scheduler } from './scheduler.ts';
import { readStream, type SseEnd, type SseFrame } from './sse-reader.ts';
import { emptyReport, type StreamBatch, type StreamReport } from './stream-batch.ts';
import { HEARTBEAT_SLACK_MS, Watchdog } from './watchdog.ts';

export const RETRY = { minMs: 500, maxMs: 20_000 } as const;
/** A stream that lived shorter does not reset the back-off: a server that ends each stream at once is not well. */
const HEALTHY_MS = 5_000;

export type StreamTarget = {
  readonly filter: Filter;
  /** The position after which to go on; undefined starts at the journal's head. */
  readonly cursor: string | undefined;
};

export type StreamClientOptions = {
  readonly fetch: typeof fetch;
  readonly scheduler: Scheduler;
  readonly isOnline: () => boolean;
  readonly onBatch: (batch: StreamBatch) => void;
  /** At once when the phase changes, else with every flush and heartbeat. */
  readonly onReport: (report: StreamReport) => void;
  /** Counters to go on from, when another tab held the stream before. */
  readonly seed?: StreamReport | undefined;
  /** A move that the table does not know: a programmer's error, thrown in tests. */
  readonly onIllegal?: (state: MachineState, input: ConnectionInput) => void;
};

/** One connection for one filter and cursor, kept alive: every loss of it is followed by an exact resume. */
export class StreamClient {
  readonly #options: StreamClientOptions;
  readonly #scheduler: Scheduler;
  readonly #writer: BatchWriter;
  readonly #watchdog: Watchdog;
  readonly #continuity: Continuity;
  #filter: Filter = FILTER_NONE;
  #machine: MachineState;
  #report: StreamReport;
  #request: AbortController | undefined;
  #cancelRetry: Cancel | undefined;
  #resuming = false;
  #failures = 0;
  #openedAtMs = 0;
  #hintMs: number = RETRY.minMs;
  #loss: { atMs: number; lost: number } | undefined;
  #downMs: number | undefined;
  #quickestMs: number | undefined;

  constructor(options: StreamClientOptions) {
    this.#options = options;
    this.#scheduler = options.scheduler;
    const nowMs = options.scheduler.now();
    this.#machine = initialMachine(nowMs);
    this.#report = { ...(options.seed ?? emptyReport(nowMs)), ...initialMachine(nowMs), phase: 'idle' };
    this.#continuity = new Continuity(this.#report);
    this.#writer = new BatchWriter(options.scheduler, (batch) => {
      options.onBatch(batch);
      this.#publish({});
    });
    this.#watchdog = new Watchdog(options.scheduler, (silentMs) => this.#silent(silentMs));
  }

  get report(): StreamReport {
    return this.#report;
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
    this.#loss = undefined;
    this.#move({ type: 'stop', ...this.#because(cause) });
  }

  /** Skips the wait, and asks a server that said stop once more. */
  reconnectNow(cause: string): void {
    if (this.#machine.phase === 'idle') return;
    this.#lose();
    this.#drop();
    this.#failures = 0;
    this.#move({ type: 'restart', ...this.#because(cause) });
    this.#connect();
  }

  /** Call when time may have jumped. */
  check(): void {
    this.#watchdog.check();
  }

  offline(): void {
    const { phase } = this.#machine;
    if (phase === 'idle' || phase === 'closed' || phase === 'offline') return;
    this.#fail('the browser is offline', undefined);
  }

  online(): void {
    if (this.#machine.phase === 'offline' || this.#machine.phase === 'waiting') this.#retry('the browser is online');
  }

  #connect(): void {
    const request = new AbortController();
    this.#request = request;
    this.#watchdog.start();
    const cursor = this.#continuity.cursor;
    const query = filterToQuery(this.#filter);
    // A resume says so in the header, as EventSource does; the query is for a start.
    if (cursor !== undefined && !this.#resuming) query.set('from', cursor);
    const text = query.toString();
    void readStream({
      fetch: this.#options.fetch,
      url: text === '' ? '/api/stream' : `/api/stream?${text}`,
      lastEventId: this.#resuming ? cursor : undefined,
      signal: request.signal,
      now: () => this.#scheduler.now(),
      breathe: () => this.#scheduler.breathe(),
      onBytes: (bytes) => this.#heard(request, bytes),
      onFrames: (frames) => this.#frames(request, frames),
    }).then((end) => this.#ended(request, end));
  }

  #heard(request: AbortController, bytes: number): void {
    if (request !== this.#request) return;
    this.#watchdog.heard();
    this.#report = { ...this.#report, bytes: this.#report.bytes + bytes };
  }

  #frames(request: AbortController, frames: readonly SseFrame[]): void {
    let received = 0;
    for (const frame of frames) {
      if (request !== this.#request) break;
      if (frame.type === 'event') {
        if (!this.#continuity.accept(frame.event)) continue;
        received += 1;
        this.#writer.event(frame.event);
      } else {
        this.#count(received);
        received = 0;
        this.#control(frame);
      }
    }
    this.#count(received);
    this.#writer.flushIfDue();
  }

  #count(received: number): void {
    if (received === 0) return;
    const replayed = this.#machine.phase === 'replaying' ? received : 0;
    const report = this.#report;
    this.#report = { ...report, received: report.received + received, replayed: report.replayed + replayed };
  }

  #control(frame: Exclude<SseFrame, { type: 'event' }>): void {
    const atMs = this.#scheduler.now();
    if (frame.type === 'stream') this.#opened(frame.data, atMs);
    if (frame.type === 'gap') {
      const notice = this.#continuity.gap(frame.data, atMs);
      if (notice) this.#writer.notice(notice, this.#continuity.cursor);
    }
    if (frame.type === 'retry') this.#hintMs = Math.min(Math.max(frame.retryMs, RETRY.minMs), RETRY.maxMs);
    if (frame.id !== undefined) this.#continuity.moveTo(frame.id);
    this.#writer.moveTo(this.#continuity.cursor);
    if (frame.type === 'live') {
      this.#caughtUp(atMs);
      this.#publish({ head: frame.data.head });
    }
    if (frame.type === 'heartbeat') this.#heartbeat(frame.data.time, frame.data.head, atMs);
    if (frame.type === 'busy') this.#fail(`the server is busy: ${frame.data.reason}`, frame.data.retryMs);
    if (frame.type === 'bye') {
      if (frame.data.reconnect) this.#fail(`the server closed: ${frame.data.reason}`, frame.data.retryMs);
      else this.#refuse(`the server closed for good: ${frame.data.reason}`);
    }
  }

  #opened(frame: StreamFrame, atMs: number): void {
    this.#writer.replay(true);
    const notice = this.#continuity.open(frame, atMs);
    this.#resuming = true;
    this.#openedAtMs = atMs;
    this.#watchdog.expect(frame.heartbeatMs);
    this.#writer.moveTo(this.#continuity.cursor);
    if (notice) this.#writer.notice(notice, this.#continuity.cursor);
    this.#downMs = this.#loss ? atMs - this.#loss.atMs : undefined;
    this.#report = {
      ...this.#report,
      connectionId: frame.connectionId,
      epoch: frame.epoch,
      head: frame.head,
      heartbeatMs: frame.heartbeatMs,
      reconnects: this.#report.reconnects + (this.#loss ? 1 : 0),
    };
    const live = frame.state === 'live';
    if (live) this.#notifyCaughtUp(atMs);
    this.#move({ type: live ? 'opened-live' : 'opened', ...this.#because(`the stream is open (${frame.state})`) });
  }

  #caughtUp(atMs: number): void {
    if (this.#machine.phase !== 'replaying') return;
    this.#notifyCaughtUp(atMs);
    this.#move({ type: 'caught-up', ...this.#because('caught up with the journal') });
  }

  #notifyCaughtUp(atMs: number): void {
    this.#writer.replay(false);
    const lost = this.#continuity.lost - (this.#loss?.lost ?? this.#continuity.lost);
    const down = this.#downMs === undefined ? {} : { downMs: this.#downMs };
    this.#writer.notice({ kind: 'caught-up', atMs, lost, ...down }, this.#continuity.cursor);
    this.#loss = undefined;
    this.#downMs = undefined;
  }

  #heartbeat(time: string, head: string, atMs: number): void {
    const ageMs = atMs - Date.parse(time);
    this.#quickestMs = Math.min(this.#quickestMs ?? ageMs, ageMs);
    const heartbeatDelayMs = Number.isNaN(ageMs) ? null : ageMs - this.#quickestMs;
    this.#publish({ head, heartbeats: this.#report.heartbeats + 1, heartbeatDelayMs });
  }

  #ended(request: AbortController, end: SseEnd): void {
    if (request !== this.#request) return;
    if (end.again) this.#fail(end.cause, end.retryMs);
    else this.#refuse(end.cause);
  }

  #silent(silentMs: number): void {
    this.#lose();
    this.#drop();
    this.#move({ type: 'silent', ...this.#because(`no sign of life for ${Math.round(silentMs / 1000)} s`) });
    this.#retry('the stream was silent');
  }

  #refuse(cause: string): void {
    this.#lose();
    this.#drop();
    this.#writer.flush();
    this.#move({ type: 'refused', ...this.#because(cause) });
  }

  /** @param retryMs what the server asked for; without it the client's own back-off decides */
  #fail(cause: string, retryMs: number | undefined): void {
    if (isOpen(this.#machine.phase) && this.#scheduler.now() - this.#openedAtMs >= HEALTHY_MS) this.#failures = 0;
    this.#lose();
    this.#drop();
    this.#writer.flush();
    const delayMs = retryMs === undefined ? this.#backoffMs() : retryMs + this.#scheduler.random() * RETRY.minMs;
    this.#failures += 1;
    const retryAtMs = this.#scheduler.now() + delayMs;
    const type = this.#options.isOnline() ? 'failed' : 'offline';
    this.#move({ type, ...this.#because(cause), attempt: this.#failures, retryAtMs });
    this.#cancelRetry = this.#scheduler.after(delayMs, () => this.#retry('the wait is over'));
  }

  #backoffMs(): number {
    return backoffMs(this.#failures, { minMs: this.#hintMs, maxMs: RETRY.maxMs }, () => this.#scheduler.random());
  }

  #retry(cause: string): void {
    this.#drop();
    this.#move({ type: 'connect', ...this.#because(cause) });
    this.#connect();
  }

  /** Remembers when and where an open stream was lost, until it is live again. */
  #lose(): void {
    if (!isOpen(this.#machine.phase)) return;
    this.#loss ??= { atMs: this.#scheduler.now(), lost: this.#continuity.lost };
  }

  #drop(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#watchdog.stop();
    const request = this.#request;
    this.#request = undefined;
    request?.abort();
  }

  #because(cause: string): { atMs: number; cause: string } {
    return { atMs: this.#scheduler.now(), cause };
  }

  #move(input: ConnectionInput): void {
    const { state, legal } = step(this.#machine, input);
    if (!legal) this.#options.onIllegal?.(this.#machine, input);
    this.#machine = state;
    this.#publish({});
  }

  #publish(change: Partial<StreamReport>): void {
    const { phase, sinceMs, cause, attempt } = this.#machine;
    const retryAtMs = 'retryAtMs' in this.#machine ? this.#machine.retryAtMs : undefined;
    const { cursor, lost, repeated } = this.#continuity;
    const proof = { cursor, lost, repeated };
    this.#report = { ...this.#report, ...change, ...proof, phase, sinceMs, cause, attempt, retryAtMs };
    this.#options.onReport(this.#report);
  }
}

/** After this long without a word from the leading tab, a follower takes the stream over. */
export function leaderSilenceMs(heartbeatMs: number): number {
  return heartbeatMs + 2 * HEARTBEAT_SLACK_MS;
}
