import { CLOSE_REASONS, type CloseReason } from '@/lib/core/close-reason.ts';
import type { ResourceOwner } from '@/lib/core/ledger.ts';
import { Ring } from '@/lib/core/ring.ts';
import type { ConnectionPage, ConnectionQuery, ConnectionSample } from '@/lib/wire/connection-pages.ts';
import { ClosedConnections } from './closed-connections.ts';
import { detailOf, type Place, queryRows } from './connection-rows.ts';
import { HerdWatch } from './herd.ts';

export type ConnectionStatsOptions = Place & {
  readonly resources: ResourceOwner;
  now(): number;
  /** Told once a second what the server has ended, by reason; what clients end is only counted. */
  onEnded(counts: ReadonlyMap<CloseReason, number>): void;
};

const SAMPLE_MS = 1000;
const SAMPLES_MAX = 900;
/** Ends that belong to the way a client reads: counted, but a poller's answers would drive every other story out. */
const ROUTINE: ReadonlySet<CloseReason> = new Set<CloseReason>(['answered', 'resubscribed']);

export type Quantiles = { readonly p50: number; readonly p95: number; readonly p99: number };

/** What the Connections screen shows: a sample a second of the last quarter of an hour, and the rows asked for. */
export class ConnectionStats {
  readonly closed = new ClosedConnections();
  readonly #options: ConnectionStatsOptions;
  readonly #samples = new Ring<ConnectionSample>(SAMPLES_MAX);
  readonly #herd = new HerdWatch();
  readonly #timer: NodeJS.Timeout;
  readonly #stopListening: () => void;
  #lags = new Float64Array(1024);
  #closedNow = new Map<CloseReason, number>();
  #before = { opened: 0, refused: 0, events: 0, bytes: 0 };
  lagMs: Quantiles = { p50: 0, p95: 0, p99: 0 };

  constructor(options: ConnectionStatsOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.sample(), SAMPLE_MS);
    this.#timer.unref();
    options.resources.acquire('timer');
    options.resources.acquire('listener');
    this.#stopListening = options.hub.onSessionClosed((session, reason) => {
      this.#closedNow.set(reason, (this.#closedNow.get(reason) ?? 0) + 1);
      if (!ROUTINE.has(reason)) this.closed.add(detailOf(session, options, options.now()));
    });
  }

  get herd() {
    return this.#herd.last;
  }

  /** One second is over; the timer calls it, and tests do. */
  sample(): void {
    const { hub, now, onEnded } = this.#options;
    const nowMs = now();
    const { states, transports } = this.#count(nowMs);
    const { events, bytes } = hub.delivered;
    const { refused } = hub.admission;
    const { p50: lagP50Ms, p95: lagP95Ms, p99: lagP99Ms } = this.lagMs;
    const opened = hub.opened - this.#before.opened;
    const eventsSent = events - this.#before.events;
    const bytesSent = bytes - this.#before.bytes;
    const closed = Object.fromEntries(this.#closedNow);
    const counts = { opened, refused: refused - this.#before.refused, closed, eventsSent, bytesSent };
    this.#samples.push({ atMs: nowMs, states, transports, ...counts, lagP50Ms, lagP95Ms, lagP99Ms });
    // Who polls comes back after each answer, and that is no crowd.
    const routine = [...ROUTINE].reduce((sum, reason) => sum + (this.#closedNow.get(reason) ?? 0), 0);
    this.#herd.second(Math.max(0, opened - routine), nowMs);
    const ended = new Map([...this.#closedNow].filter(([reason]) => CLOSE_REASONS[reason].side === 'server'));
    if (ended.size > 0) onEnded(ended);
    this.#closedNow = new Map();
    this.#before = { opened: hub.opened, refused, events, bytes };
  }

  samplesSince(atMs: number): ConnectionSample[] {
    return this.#samples.toArray().filter((sample) => sample.atMs > atMs);
  }

  page(query: ConnectionQuery): ConnectionPage {
    const { hub, journal, now } = this.#options;
    const nowMs = now();
    const { matching, rows } = queryRows(query, this.#options, this.closed, nowMs);
    const summary = {
      nowMs,
      head: `${journal.epoch}.${journal.headSeq}`,
      open: hub.connections,
      matching,
      connectionsMax: hub.admission.limits.connectionsMax,
      openedTotal: hub.opened,
      refusedTotal: hub.admission.refused,
      closedTotal: Object.fromEntries(hub.closedByReason),
      draining: hub.isDraining,
      ...(this.herd && { herd: this.herd }),
    };
    return { summary, rows };
  }

  close(): void {
    clearInterval(this.#timer);
    this.#stopListening();
    this.#options.resources.release('timer');
    this.#options.resources.release('listener');
  }

  /** Counts by state and transport, and the quantiles of the lag, in one walk over the sessions. */
  #count(nowMs: number): Pick<ConnectionSample, 'states' | 'transports'> {
    const { hub } = this.#options;
    const states: Record<string, number> = {};
    const transports: Record<string, number> = {};
    if (this.#lags.length < hub.connections) this.#lags = new Float64Array(hub.connections * 2);
    let served = 0;
    for (const { life, peer, cursor } of hub.sessions.values()) {
      const state = life.state === 'active' ? (life.activity ?? 'active') : life.state;
      states[state] = (states[state] ?? 0) + 1;
      transports[peer.transport] = (transports[peer.transport] ?? 0) + 1;
      if (life.activity === undefined) continue;
      this.#lags[served] = hub.commitTimes.ageAfterMs(cursor, nowMs);
      served += 1;
    }
    const sorted = this.#lags.subarray(0, served).sort();
    const at = (share: number): number => sorted[Math.min(served - 1, Math.floor(served * share))] ?? 0;
    this.lagMs = { p50: at(0.5), p95: at(0.95), p99: at(0.99) };
    return { states, transports };
  }
}
