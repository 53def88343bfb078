import type { Clock } from '@/lib/core/clock.ts';
import type { CloseReason } from '@/lib/core/close-reason.ts';
import { type Filter, filterKey, narrowFilter } from '@/lib/core/filter.ts';
import type { ResourceLedger } from '@/lib/core/ledger.ts';
import { randomId } from '@/lib/core/position.ts';
import { sightOf } from '@/lib/core/principal.ts';
import type { JournalView } from '@/lib/journal/journal-view.ts';
import type { Admission } from './admission.ts';
import { Cancellation } from './cancellation.ts';
import { CommitTimes } from './commit-times.ts';
import { FanOutGroup } from './fan-out-group.ts';
import { FanOutLoop } from './fan-out-loop.ts';
import { HeartbeatFrames } from './heartbeat-frames.ts';
import { HeartbeatWheel } from './heartbeat-wheel.ts';
import type { Peer } from './peer.ts';
import type { SessionRules } from './session-clock.ts';
import type { Delivered } from './session-writer.ts';
import type { Sink } from './sink.ts';
import type { StreamRequest } from './stream-request.ts';
import { StreamSession } from './stream-session.ts';
import { resolveStart } from './stream-start.ts';
import type { WireFormat } from './wire-format.ts';

export type StreamHubOptions = {
  readonly journal: JournalView;
  readonly clock: Clock;
  readonly rules: SessionRules;
  readonly admission: Admission;
  readonly ledger: ResourceLedger;
  /** Puts faults between a session and its transport; absent in ordinary operation. */
  readonly wrapSink?: ((sink: Sink, onReady: () => void) => Sink) | undefined;
  onError(error: unknown): void;
};

type FaultyLine = { readonly sink: Sink; session: StreamSession | undefined };

/** Beyond it clients are asked to acknowledge less often. */
const ACKS_PER_SECOND_MAX = 200;
/** How long a drain waits for the goodbyes to be taken. */
const GOODBYE_MS_MAX = 2000;

/** All streams of this process: opens them, walks their groups through the journal, beats, and ends them. */
export class StreamHub {
  readonly admission: Admission;
  readonly commitTimes = new CommitTimes();
  /** Handed to sinks since the start. */
  readonly delivered: Delivered = { events: 0, bytes: 0 };
  readonly closedByReason = new Map<CloseReason, number>();
  readonly #options: StreamHubOptions;
  readonly #groups = new Map<string, FanOutGroup>();
  readonly #sessions = new Map<string, StreamSession>();
  /** Lines with faults, by the transport's own sink: a line outlives its session when the client asks for something else. */
  readonly #faultyLines = new WeakMap<Sink, FaultyLine>();
  readonly #closedListeners = new Set<(session: StreamSession, reason: CloseReason) => void>();
  readonly #cancellation = new Cancellation();
  readonly #wheel: HeartbeatWheel;
  readonly #loop: FanOutLoop;
  readonly #stopListening: () => void;
  /** What every session may ask: the same functions for all, not a set of closures for each. */
  readonly #shared = {
    cancellation: this.#cancellation,
    heartbeats: new HeartbeatFrames(),
    delivered: this.delivered,
    now: (): number => this.#options.clock.now(),
    retryMs: (): number => this.admission.retryMs(),
    ackMs: (): number => this.#ackMs(),
    onClosed: (closed: StreamSession, reason: CloseReason): void => this.#forget(closed, reason),
  };
  #endedFrames = 0;
  opened = 0;

  constructor(options: StreamHubOptions) {
    this.#options = options;
    this.admission = options.admission;
    this.#loop = new FanOutLoop({
      groups: this.#groups,
      now: () => options.clock.now(),
      headSeq: () => options.journal.headSeq,
      opened: () => this.opened,
    });
    const now = (): number => options.clock.now();
    this.#wheel = new HeartbeatWheel(options.rules.heartbeatMs, now, () => this.#loop.isOverrun);
    this.#stopListening = options.journal.onCommit(() => {
      this.commitTimes.note(options.journal.headSeq, options.clock.now());
      this.#loop.wake();
    });
  }

  get connections(): number {
    return this.#sessions.size;
  }
  get groups(): number {
    return this.#groups.size;
  }
  get isDraining(): boolean {
    return this.admission.isDraining;
  }
  get sessions(): ReadonlyMap<string, StreamSession> {
    return this.#sessions;
  }

  /** Frames encoded since the start: one for each stretch of the journal and group, however many sessions took it. */
  encodedFrames(): number {
    let frames = this.#endedFrames;
    for (const group of this.#groups.values()) frames += group.encoded;
    return frames;
  }

  /** Told after a session has ended and before it is forgotten. Returns the function that ends it. */
  onSessionClosed(listener: (session: StreamSession, reason: CloseReason) => void): () => void {
    this.#closedListeners.add(listener);
    return () => this.#closedListeners.delete(listener);
  }

  /**
   * Opens a stream on a sink, for a peer that `admission` has let in. The session it returns must be told when the sink
   * is ready again and when it is gone.
   */
  open(request: StreamRequest, format: WireFormat, sink: Sink, peer: Peer): StreamSession {
    const { journal, rules, ledger, onError } = this.#options;
    // Here, where every transport comes by with whatever its client asks for, also in the middle of a stream.
    const filter = narrowFilter(request.filter, peer.principal && sightOf(peer.principal));
    const group = this.#groupOf(filter, format);
    group.sessions += 1;
    const id = randomId();
    const { speed, start } = request;
    const line = this.#faultyLine(sink);
    const session = new StreamSession({
      ...{ id, peer, journal, group, rules, speed, start, onError },
      sink: line?.sink ?? sink,
      resources: ledger.owner(`connection ${id}`),
      ...this.#shared,
    });
    if (line) line.session = session;
    this.#sessions.set(id, session);
    this.#wheel.add(session);
    this.opened += 1;
    session.begin((cancellation) => {
      // Only a time has to be looked up in the history.
      return resolveStart(journal, request.start, request.start.kind === 'time' ? cancellation.signal : undefined);
    });
    return session;
  }

  /**
   * The client asks for something else on the line it has: the session ends without a word, and one under the new request
   * takes its place. A start of `undefined` means: go on where the old one stood. While the server is draining the old one
   * is told goodbye instead, and returned: a new one would not be. Not for a session that is over.
   * @param sink the one that the old session was opened on
   * @param format another one where it depends on what is asked for
   */
  reopen(
    old: StreamSession,
    { start, ...request }: Omit<StreamRequest, 'start'> & { readonly start: StreamRequest['start'] | undefined },
    sink: Sink,
    format: WireFormat = old.group.format,
  ): StreamSession {
    if (this.isDraining) {
      old.dismiss('draining');
      return old;
    }
    const { peer, standsAt } = old;
    // Before it ends, or a crowd could take its place.
    this.admission.stay(peer);
    old.onClose('resubscribed');
    return this.open({ ...request, start: start ?? standsAt }, format, sink, peer);
  }

  /** In whole heartbeat intervals: an acknowledgement is a request, and costs as much as two heartbeats. */
  #ackMs(): number {
    const { heartbeatMs } = this.#options.rules;
    const spreadMs = (this.#sessions.size / ACKS_PER_SECOND_MAX) * 1000;
    return Math.max(1, Math.ceil(spreadMs / heartbeatMs)) * heartbeatMs;
  }

  lengthenFrames(on: boolean): void {
    this.#loop.lengthen(on);
  }

  /** Breaks a part of the connections without a word, to see them heal. Returns how many. */
  cut(share: number): number {
    const hit = [...this.#sessions.values()].filter(() => Math.random() < share);
    for (const session of hit) session.writer.destroy();
    return hit.length;
  }

  /** Says `bye` to every stream, spread over `spreadMs`, and opens no new one. */
  async drain(spreadMs: number): Promise<void> {
    this.admission.isDraining = true;
    const sessions = [...this.#sessions.values()];
    const sliceMs = 20;
    const slices = Math.max(1, Math.floor(spreadMs / sliceMs));
    const perSlice = Math.ceil(sessions.length / slices);
    for (let at = 0; at < sessions.length; at += perSlice) {
      for (const session of sessions.slice(at, at + perSlice)) session.dismiss('draining');
      if (at + perSlice < sessions.length) await new Promise<void>((resolve) => setTimeout(resolve, sliceMs));
    }
    const deadlineMs = performance.now() + GOODBYE_MS_MAX;
    while (this.#sessions.size > 0 && performance.now() < deadlineMs) {
      await new Promise<void>((resolve) => setTimeout(resolve, sliceMs));
    }
  }

  close(): void {
    this.admission.isDraining = true;
    this.#stopListening();
    this.#loop.close();
    for (const session of [...this.#sessions.values()]) {
      session.dismiss('draining');
      session.writer.destroy();
    }
    this.#cancellation.cancel();
    this.#wheel.stop();
  }

  /** What is held back on a line is in front of what its next session writes. */
  #faultyLine(sink: Sink): FaultyLine | undefined {
    const { wrapSink } = this.#options;
    if (!wrapSink) return undefined;
    let line = this.#faultyLines.get(sink);
    if (!line) {
      const made: FaultyLine = { sink: wrapSink(sink, () => made.session?.onReady()), session: undefined };
      this.#faultyLines.set(sink, made);
      line = made;
    }
    return line;
  }

  #groupOf(filter: Filter, format: WireFormat): FanOutGroup {
    const key = `${format.name} ${filterKey(filter)}`;
    let group = this.#groups.get(key);
    if (!group) {
      group = new FanOutGroup(key, filter, format, this.#options.journal);
      this.#groups.set(key, group);
    }
    return group;
  }

  #forget(session: StreamSession, reason: CloseReason): void {
    const { group } = session;
    this.#sessions.delete(session.id);
    this.#wheel.remove(session);
    this.admission.leave(session.peer);
    this.closedByReason.set(reason, (this.closedByReason.get(reason) ?? 0) + 1);
    group.sessions -= 1;
    if (group.sessions === 0) {
      this.#endedFrames += group.encoded;
      this.#groups.delete(group.key);
    }
    for (const listener of this.#closedListeners) listener(session, reason);
    // Whoever still has to let go of something does so in this turn of the loop; what is held after it has leaked.
    setImmediate(() => session.resources.close());
  }
}
