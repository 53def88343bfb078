import { byeOf, CLOSE_REASONS, type ClientEnd, type CloseReason } from '@/lib/core/close-reason.ts';
import { ConnectionLife } from '@/lib/core/connection-state.ts';
import { isAppError } from '@/lib/core/errors.ts';
import type { ResourceOwner } from '@/lib/core/ledger.ts';
import type { Acknowledgement } from '@/lib/wire/acknowledgement.ts';
import { Cancellation } from './cancellation.ts';
import { CursorPump } from './cursor-pump.ts';
import type { EncodedChunk, FanOutGroup, GroupMember } from './fan-out-group.ts';
import { pause } from './pause.ts';
import type { Peer } from './peer.ts';
import { SessionClock } from './session-clock.ts';
import type { SessionOptions } from './session-options.ts';
import { SessionWriter } from './session-writer.ts';
import type { ResolvedStart, StreamStart } from './stream-start.ts';

/** Between two tries to find where a stream begins, while the history is away. */
const AWAY_MS = 1000;

/**
 * One reader of the journal: cursor, filter, sink. It pumps while the sink is writable; when the sink is full it stops
 * and later goes on from its cursor, so nothing is queued and nothing is lost. At the group's position it joins the
 * group and gets the shared frames.
 */
export class StreamSession implements GroupMember {
  readonly id: string;
  readonly group: FanOutGroup;
  readonly peer: Peer;
  readonly life: ConnectionLife;
  readonly clock: SessionClock;
  readonly resources: ResourceOwner;
  readonly writer: SessionWriter;
  readonly #options: SessionOptions;
  readonly #pump: CursorPump;
  /** Reaches every read and every wait that is under way for this connection. */
  readonly #cancellation: Cancellation;

  constructor(options: SessionOptions) {
    const { id, peer, group, journal, sink, resources, now, speed, delivered } = options;
    this.#options = options;
    this.id = id;
    this.group = group;
    this.peer = peer;
    this.resources = resources;
    this.#cancellation = new Cancellation(options.cancellation);
    const nowMs = now();
    this.life = new ConnectionLife(nowMs, peer.isReturning ? 'came back' : 'asked for');
    this.clock = new SessionClock(options.rules, nowMs, peer.acknowledges);
    this.writer = new SessionWriter(sink, group.format, journal.epoch, now, delivered);
    this.#pump = new CursorPump({
      ...{ journal, group, writer: this.writer, resources, speed, now, cancellation: this.#cancellation },
      isBehind: () => this.#isBehind(),
      onCaughtUp: () => this.#goLive(),
      onError: (error) => {
        options.onError(error);
        this.dismiss('internal');
      },
    });
    resources.acquire('connection');
  }

  /** Everything up to here has been judged and sent. */
  get cursor(): number {
    // A chunk reaches the members one after the other; who has it is ahead of the group.
    return this.life.activity === 'live' ? Math.max(this.#pump.cursor, this.group.position) : this.#pump.cursor;
  }
  /** Where another session has to begin to go on where this one stands: it may not have found its own beginning yet. */
  get standsAt(): StreamStart {
    if (this.life.activity === undefined) return this.#options.start;
    return { kind: 'position', position: { epoch: this.#options.journal.epoch, seq: this.cursor } };
  }
  /** When anything was last written to it, or heard of it. */
  get lastActivityMs(): number {
    return Math.max(this.#lastWriteMs(), this.clock.heardMs);
  }

  /** Begins where `find` says; while the history is away, which may have to be asked, it is asked again. */
  begin(find: (cancellation: Cancellation) => Promise<ResolvedStart>): void {
    this.#connect();
    const attempt = async (): Promise<void> => {
      while (!this.life.isOver) {
        const found = await find(this.#cancellation).catch((error: unknown) => {
          if (this.life.isOver || (isAppError(error) && error.code === 'storage-unavailable')) return undefined;
          throw error;
        });
        if (found) return this.start(found);
        if (!this.life.isOver) await pause(AWAY_MS, this.resources, this.#cancellation);
      }
    };
    attempt().catch((error: unknown) => {
      this.#options.onError(error);
      this.dismiss('internal');
    });
  }

  /** The transport is open, and who asks is known. */
  #connect(): void {
    const nowMs = this.#options.now();
    this.life.move('connected', nowMs, `the transport is open (${this.peer.transport})`);
    const who = this.peer.user === undefined ? 'no token is asked for' : `token ${this.peer.user}`;
    this.life.move('authenticating', nowMs, who);
  }

  /** Sends the first frames and begins to pump. */
  start(start: ResolvedStart): void {
    if (this.life.state !== 'authenticating') return;
    const { journal, rules, retryMs } = this.#options;
    this.group.skipAhead();
    this.#pump.cursor = start.afterSeq;
    this.#pump.lastMatch = start.afterSeq;
    this.writer.retry(retryMs());
    this.writer.open(this.id, start, journal.headSeq, rules.heartbeatMs);
    if (this.life.isOver) return;
    // Not before: a sink may call `onReady` out of `write`, and events must not overtake the first frame.
    this.life.move(
      'active',
      this.#options.now(),
      `begins after ${this.writer.position(start.afterSeq)} (${start.state})`,
    );
    this.#pump.run();
  }

  deliver(chunk: EncodedChunk): boolean {
    if (this.life.activity !== 'live') return false;
    if (this.life.state === 'idle') this.life.move('active', this.#options.now(), 'an event came');
    this.writer.chunk(chunk);
    this.#pump.cursor = chunk.to;
    this.#pump.lastMatch = chunk.lastMatch;
    if (this.writer.ready) return true;
    if (this.life.activity === 'live') this.#lag('it takes no more for now');
    return false;
  }

  fallBehind(seq: number): void {
    if (this.life.activity !== 'live') return;
    this.#pump.cursor = seq;
    this.#pump.lastMatch = this.writer.toldSeq;
    this.#lag('the ring no longer holds what comes next');
    this.#pump.run();
  }

  /** The sink takes bytes again. */
  onReady(): void {
    this.writer.ready = true;
    this.#pump.run();
  }

  /**
   * The client says that it is there, and how far it has come.
   * @param seq undefined when it has not said how far
   */
  acknowledge(acknowledgement: Acknowledgement, seq: number | undefined): void {
    const ackedSeq = seq === undefined ? undefined : Math.min(seq, this.writer.toldSeq);
    this.clock.heard(acknowledgement, ackedSeq, this.#options.now());
  }

  /**
   * Called by the wheel several times a heartbeat interval: whatever is due by time alone.
   * @param isServerLate what the client has said may be waiting to be read
   */
  beat(nowMs: number, isServerLate = false): void {
    const { clock, life } = this;
    if (life.state === 'closing') {
      if (clock.isLingering(nowMs)) this.writer.destroy();
      return;
    }
    const writtenMs = this.#lastWriteMs();
    if (life.activity === undefined) return;
    const { ready } = this.writer;
    // Asking a socket how much it holds is half the cost of looking at a session.
    clock.watchSink(ready, ready ? 0 : this.writer.queuedBytes, nowMs);
    const due = clock.dueReason(nowMs, this.writer.eventsSent, isServerLate);
    if (due) this.dismiss(due);
    else if (this.writer.ready && clock.isBeatDue(nowMs, writtenMs)) this.#heartbeat(nowMs);
    if (life.state === 'active' && life.activity === 'live' && clock.isQuiet(nowMs)) {
      life.move('idle', nowMs, 'nothing that its filter lets through has come for a while');
    }
  }

  /** Ends the stream from this side: `bye`, then the end of the connection. */
  dismiss(reason: CloseReason): void {
    if (this.life.isOver) return;
    this.#begin('closing', reason);
    this.writer.say('bye', byeOf(reason, this.#options.retryMs()));
    // A native EventSource knows no `bye` and comes back after `retry`: a day is as good as never.
    if (!CLOSE_REASONS[reason].reconnect) this.writer.retry(24 * 3_600_000);
    this.writer.end();
  }

  /** The connection is gone: nothing more is written. */
  onClose(reason: ClientEnd): void {
    if (this.life.state === 'closed') return;
    if (this.life.state === 'closing') this.life.move('closed', this.#options.now(), 'the connection has ended');
    else this.#begin('closed', reason);
    this.resources.release('connection');
    this.#options.onClosed(this, this.life.reason ?? reason);
  }

  #begin(to: 'closing' | 'closed', reason: CloseReason): void {
    const nowMs = this.#options.now();
    this.#pump.cursor = this.cursor;
    if (this.life.activity === 'live') {
      this.group.leave(this);
      this.resources.release('group-member');
    }
    this.life.move(to, nowMs, CLOSE_REASONS[reason].says);
    this.life.reason = reason;
    this.clock.endedMs = nowMs;
    this.#cancellation.cancel();
  }

  #isBehind(): boolean {
    return this.life.activity === 'replaying' || this.life.activity === 'lagging';
  }

  #goLive(): void {
    const first = this.life.activity === 'replaying';
    this.life.act('live', this.#options.now(), 'caught up');
    this.resources.acquire('group-member');
    this.group.join(this);
    const { cursor } = this.#pump;
    // The group's position, not the journal's head: what was committed since its last tick has not been sent yet.
    if (first) this.writer.tell('live', { head: this.writer.position(cursor) }, cursor);
    else if (this.writer.toldSeq < this.group.lastMatch) this.#heartbeat(this.#options.now());
    if (this.life.activity !== 'live' || this.writer.ready) return;
    this.group.leave(this);
    this.#lag('it takes no more for now');
  }

  /** Out of the group, which has forgotten it already or is about to. */
  #lag(cause: string): void {
    this.resources.release('group-member');
    const nowMs = this.#options.now();
    if (this.life.state === 'idle') this.life.move('active', nowMs, cause);
    this.life.act('lagging', nowMs, cause);
  }

  #lastWriteMs(): number {
    return Math.max(this.writer.writtenMs, this.life.activity === 'live' ? this.group.lastWriteMs : 0);
  }

  #heartbeat(nowMs: number): void {
    const { journal, rules, heartbeats } = this.#options;
    const ackMs = this.#options.ackMs();
    this.clock.beat(nowMs, ackMs);
    const asked = ackMs > rules.heartbeatMs && this.clock.acknowledges ? ackMs : undefined;
    this.writer.heartbeat(heartbeats, { nowMs, headSeq: journal.headSeq, seq: this.cursor, ackMs: asked });
  }
}
