import type { Clock } from '@/lib/core/clock.ts';
import type { CloseReason } from '@/lib/core/close-reason.ts';
import { type Filter, filterKey } from '@/lib/core/filter.ts';
import { randomId } from '@/lib/core/position.ts';
import type { Journal } from '@/lib/journal/journal.ts';
import { FanOutGroup } from './fan-out-group.ts';
import { HeartbeatWheel } from './heartbeat-wheel.ts';
import type { Sink, SinkEvents } from './sink.ts';
import type { StreamRequest } from './stream-request.ts';
import { StreamSession } from './stream-session.ts';
import { resolveStart } from './stream-start.ts';
import { TickPace } from './tick-pace.ts';
import type { WireFormat } from './wire-format.ts';

export type StreamHubOptions = {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly heartbeatMs: number;
  readonly retryMs: number;
  readonly connectionsMax: number;
  onError(error: unknown): void;
};

/** Work in one turn of the event loop at most, so that a flood of frames does not hold up everything else. */
const TURN_MS_MAX = 40;

/** All streams of this process: opens them, walks their groups through the journal, beats, and ends them. */
export class StreamHub {
  readonly #options: StreamHubOptions;
  readonly #groups = new Map<string, FanOutGroup>();
  readonly #sessions = new Map<string, StreamSession>();
  readonly #wheel: HeartbeatWheel;
  readonly #pace = new TickPace();
  readonly #stopListening: () => void;
  readonly closedByReason = new Map<CloseReason, number>();
  #timer: NodeJS.Timeout | undefined;
  #draining = false;
  #endedEvents = 0;
  #endedBytes = 0;
  opened = 0;

  constructor(options: StreamHubOptions) {
    this.#options = options;
    this.#wheel = new HeartbeatWheel(options.heartbeatMs, () => options.clock.now());
    this.#stopListening = options.journal.onCommit(() => this.#schedule());
  }

  get connections(): number {
    return this.#sessions.size;
  }
  get groups(): number {
    return this.#groups.size;
  }
  get isDraining(): boolean {
    return this.#draining;
  }
  get isFull(): boolean {
    return this.#draining || this.#sessions.size >= this.#options.connectionsMax;
  }

  /** Events and bytes handed to sinks since the start; a sum over the open streams, so call it once a second. */
  delivered(): { events: number; bytes: number } {
    let [events, bytes] = [this.#endedEvents, this.#endedBytes];
    for (const session of this.#sessions.values()) {
      events += session.eventsSent;
      bytes += session.bytesSent;
    }
    return { events, bytes };
  }

  /** Between half and one and a half times the base: a crowd that lost its server must not come back as one. */
  retryMs(): number {
    return Math.round(this.#options.retryMs * (0.5 + Math.random()));
  }

  /** Opens a stream on a sink. What it returns must be told when the sink is ready again and when it is gone. */
  open(request: StreamRequest, format: WireFormat, sink: Sink): SinkEvents {
    const { journal, clock, heartbeatMs, onError } = this.#options;
    const group = this.#groupOf(request.filter, format);
    group.sessions += 1;
    const session = new StreamSession({
      id: randomId(),
      journal,
      group,
      sink,
      now: () => clock.now(),
      heartbeatMs,
      retryMs: this.retryMs(),
      speed: request.speed,
      onClosed: (closed, reason) => this.#forget(closed, reason),
      onError,
    });
    this.#sessions.set(session.id, session);
    this.#wheel.add(session);
    this.opened += 1;
    resolveStart(journal, request.start).then(
      (start) => session.start(start),
      (error: unknown) => {
        onError(error);
        session.dismiss('internal', this.retryMs());
      },
    );
    return session;
  }

  /** Says `bye` to every stream, spread over `spreadMs`, and opens no new one. */
  async drain(spreadMs: number): Promise<void> {
    this.#draining = true;
    const sessions = [...this.#sessions.values()];
    const sliceMs = 20;
    const slices = Math.max(1, Math.floor(spreadMs / sliceMs));
    const perSlice = Math.ceil(sessions.length / slices);
    for (let at = 0; at < sessions.length; at += perSlice) {
      for (const session of sessions.slice(at, at + perSlice)) session.dismiss('draining', this.retryMs());
      if (at + perSlice < sessions.length) await new Promise<void>((resolve) => setTimeout(resolve, sliceMs));
    }
  }

  close(): void {
    this.#stopListening();
    clearTimeout(this.#timer);
    for (const session of [...this.#sessions.values()]) session.dismiss('draining', this.retryMs());
    this.#wheel.stop();
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
    this.#sessions.delete(session.id);
    this.#wheel.remove(session);
    this.closedByReason.set(reason, (this.closedByReason.get(reason) ?? 0) + 1);
    this.#endedEvents += session.eventsSent;
    this.#endedBytes += session.bytesSent;
    session.group.sessions -= 1;
    if (session.group.sessions === 0) this.#groups.delete(session.group.key);
  }

  #schedule(): void {
    if (this.#timer !== undefined || this.#groups.size === 0) return;
    this.#timer = setTimeout(() => this.#tick(), this.#pace.waitMs(performance.now()));
  }

  #tick(): void {
    this.#timer = undefined;
    const startedAt = performance.now();
    let more = false;
    for (const group of this.#groups.values()) {
      while (group.advance(this.#options.clock.now())) {
        more = performance.now() - startedAt > TURN_MS_MAX;
        if (more) break;
      }
    }
    this.#pace.ran(startedAt, performance.now());
    if (more) this.#schedule();
  }
}
