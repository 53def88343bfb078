import type { CloseReason } from '@/lib/core/close-reason.ts';
import type { Journal } from '@/lib/journal/journal.ts';
import { type JournalPage, readAfter } from '@/lib/journal/journal-reader.ts';
import { byeOf, type ConnectionState, move } from './connection-machine.ts';
import type { EncodedChunk, FanOutGroup, GroupMember } from './fan-out-group.ts';
import { Pause } from './pause.ts';
import { ReplayPacer } from './replay-pacer.ts';
import { SessionWriter } from './session-writer.ts';
import type { Sink } from './sink.ts';
import type { ResolvedStart } from './stream-start.ts';

export type SessionOptions = {
  readonly id: string;
  readonly journal: Journal;
  readonly group: FanOutGroup;
  readonly sink: Sink;
  readonly now: () => number;
  readonly heartbeatMs: number;
  readonly retryMs: number;
  readonly speed: number | undefined;
  onClosed(session: StreamSession, reason: CloseReason): void;
  onError(error: unknown): void;
};

const PAGE_LIMITS = { eventsMax: 2000, bytesMax: 256 * 1024 };
/** After so many pages without a pause the loop gets a turn, so that one replay does not hold up the live streams. */
const PAGES_PER_TURN = 4;
/** Pause when there is nothing to read yet: the group's next tick has not come, or the store is behind the journal. */
const STALLED_MS = 20;

/**
 * One reader of the journal: cursor, filter, sink. It pumps while the sink is writable; when the sink is full it stops
 * and later goes on from its cursor, so nothing is queued and nothing is lost. At the group's position it joins the
 * group and gets the shared frames.
 */
export class StreamSession implements GroupMember {
  readonly id: string;
  readonly group: FanOutGroup;
  readonly #options: SessionOptions;
  readonly #writer: SessionWriter;
  readonly #pacer: ReplayPacer | undefined;
  readonly #pause = new Pause();
  #state: ConnectionState = 'connecting';
  #cursor = 0;
  /** Seq of the last event sent, or where the stream began: the next event's `prev`. */
  #lastMatch = 0;
  #beatMs: number;
  #pumping = false;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.id = options.id;
    this.group = options.group;
    this.#writer = new SessionWriter(options.sink, options.group.format, options.journal.epoch, options.now);
    this.#beatMs = options.now();
    this.#pacer = options.speed === undefined ? undefined : new ReplayPacer(options.speed);
  }

  get state(): ConnectionState {
    return this.#state;
  }
  /** Everything up to here has been judged and sent. */
  get cursor(): number {
    return this.#state === 'live' ? this.group.position : this.#cursor;
  }
  get eventsSent(): number {
    return this.#writer.eventsSent;
  }
  get bytesSent(): number {
    return this.#writer.bytesSent;
  }

  /** Sends the first frames and begins to pump. */
  start(start: ResolvedStart): void {
    if (this.#state !== 'connecting') return;
    const { journal, heartbeatMs, retryMs } = this.#options;
    const { afterSeq, state, missed, reason } = start;
    this.#cursor = afterSeq;
    this.#lastMatch = afterSeq;
    this.#writer.retry(retryMs);
    const from = this.#writer.position(afterSeq);
    const frame = {
      state,
      connectionId: this.id,
      epoch: journal.epoch,
      head: this.#writer.position(journal.headSeq),
      from,
    };
    const details = { ...(missed !== undefined && { missed }), ...(reason && { reason }), heartbeatMs };
    this.#writer.tell('stream', { ...frame, ...details }, afterSeq);
    // Not before: a sink may call `onReady` out of `write`, and events must not overtake the first frame.
    this.#state = move(this.#state, 'replaying');
    this.#pump();
  }

  deliver(chunk: EncodedChunk): boolean {
    if (this.#state !== 'live') return false;
    this.#writer.chunk(chunk);
    if (this.#writer.ready) return true;
    this.#cursor = chunk.to;
    this.#lastMatch = chunk.lastMatch;
    this.#state = move(this.#state, 'lagging');
    return false;
  }

  fallBehind(seq: number): void {
    if (this.#state !== 'live') return;
    this.#cursor = seq;
    this.#lastMatch = this.#writer.toldSeq;
    this.#state = move(this.#state, 'lagging');
    this.#pump();
  }

  /** The sink takes bytes again. */
  onReady(): void {
    this.#writer.ready = true;
    this.#pump();
  }

  /**
   * Sends the head after half an interval of silence, and once an interval on a busy stream too: its client measures the
   * delay by it. Called twice an interval by the wheel.
   */
  beat(nowMs: number): void {
    const writtenMs = Math.max(this.#writer.writtenMs, this.#state === 'live' ? this.group.lastWriteMs : 0);
    const { heartbeatMs } = this.#options;
    const due = nowMs - writtenMs >= heartbeatMs / 2 || nowMs - this.#beatMs >= heartbeatMs * 0.9;
    if (due && this.#writer.ready && (this.#state === 'live' || this.#isBehind())) this.#heartbeat();
  }

  /** Ends the stream from this side: `bye`, then the end of the connection. */
  dismiss(reason: CloseReason, retryMs: number): void {
    this.#close(reason, () => {
      this.#writer.say('bye', byeOf(reason, retryMs));
      this.#writer.end();
    });
  }

  /** The connection is gone: nothing more is written. */
  onClose(reason: CloseReason): void {
    this.#close(reason, () => undefined);
  }

  #close(reason: CloseReason, end: () => void): void {
    if (this.#state === 'closing' || this.#state === 'closed') return;
    this.#cursor = this.cursor;
    this.#state = move(this.#state, 'closing');
    this.group.leave(this);
    this.#pause.end();
    end();
    this.#state = move(this.#state, 'closed');
    this.#options.onClosed(this, reason);
  }

  #pump(): void {
    if (this.#pumping || !this.#isBehind()) return;
    this.#pumping = true;
    this.#catchUp().catch((error: unknown) => {
      this.#pumping = false;
      this.#options.onError(error);
      this.dismiss('internal', this.#options.retryMs);
    });
  }

  #isBehind(): boolean {
    return this.#state === 'replaying' || this.#state === 'lagging';
  }

  async #catchUp(): Promise<void> {
    let pages = 0;
    while (this.#writer.ready && this.#isBehind()) {
      if (this.#cursor === this.group.position) {
        this.#goLive();
        continue;
      }
      const chunk = this.#pacer ? undefined : this.group.chunkFrom(this.#cursor);
      // A shared chunk may name a `prev` beyond what this client has been told.
      if (chunk && chunk.previous <= this.#writer.toldSeq) {
        this.#writer.chunk(chunk);
        this.#writer.writtenMs = this.#options.now();
        this.#cursor = chunk.to;
        this.#lastMatch = chunk.lastMatch;
      } else {
        await this.#sendPage();
      }
      pages += 1;
      if (pages % PAGES_PER_TURN === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    }
    this.#pumping = false;
  }

  async #sendPage(): Promise<void> {
    const { journal } = this.#options;
    const from = this.#cursor;
    const read = readAfter(
      journal,
      this.#cursor,
      this.group.boundaryAfter(this.#cursor),
      this.group.filter,
      PAGE_LIMITS,
    );
    const page = read instanceof Promise ? await read : read;
    if (!this.#isBehind()) return;
    if (page.oldestSeq > this.#cursor + 1) this.#tellGap(page.oldestSeq - 1);
    const due = this.#pacer ? await this.#pace(page, this.#pacer) : page;
    if (!this.#isBehind()) return;
    if (due.events.length > 0) {
      this.#writer.events(this.#lastMatch, due.events);
      this.#lastMatch = due.events.at(-1)?.seq ?? this.#lastMatch;
    }
    if (due === page && due.scannedTo <= from && this.#cursor === from) await this.#pause.wait(STALLED_MS);
    this.#cursor = Math.max(this.#cursor, due.scannedTo);
  }

  /** The part of a page that is due now; waits when none of it is. */
  async #pace(page: JournalPage, pacer: ReplayPacer): Promise<JournalPage> {
    const { count, waitMs } = pacer.due(page.events, this.#options.now());
    if (count === page.events.length) return page;
    if (count > 0) {
      const events = page.events.slice(0, count);
      return { ...page, events, scannedTo: events.at(-1)?.seq ?? this.#cursor };
    }
    await this.#pause.wait(waitMs);
    return { ...page, events: [], scannedTo: this.#cursor };
  }

  #goLive(): void {
    const first = this.#state === 'replaying';
    this.#state = move(this.#state, 'live');
    // The group's position, not the journal's head: what was committed since its last tick has not been sent yet.
    if (first) this.#writer.tell('live', { head: this.#writer.position(this.#cursor) }, this.#cursor);
    else if (this.#writer.toldSeq < this.group.lastMatch) this.#heartbeat();
    if (this.#writer.ready) this.group.join(this);
    else this.#state = move(this.#state, 'lagging');
  }

  #tellGap(to: number): void {
    const [from, until] = [this.#writer.position(this.#cursor), this.#writer.position(to)];
    this.#writer.tell('gap', { from, to: until, missed: to - this.#cursor, reason: 'retention' }, to);
    this.#cursor = to;
    this.#lastMatch = to;
  }

  #heartbeat(): void {
    this.#beatMs = this.#options.now();
    const time = new Date(this.#options.now()).toISOString();
    this.#writer.tell('heartbeat', { time, head: this.#writer.position(this.#options.journal.headSeq) }, this.cursor);
  }
}
