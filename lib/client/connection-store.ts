import { createStore, type StoreApi } from 'zustand/vanilla';
import { Ring } from '@/lib/core/ring.ts';
import { type ConnectionHistory, loadHistory, type StoragePort, saveHistory } from './connection-history.ts';
import { isLost, isOpen } from './connection-machine.ts';
import type { Cancel, Scheduler } from './scheduler.ts';
import type { ConnectionState, Outage, PhaseChange, StreamSample, TabRole } from './state.ts';
import { emptyReport, type Notice, type StreamReport } from './stream-batch.ts';

export const CHANGES_MAX = 500;
export const OUTAGES_MAX = 100;
export const GAPS_MAX = 100;
export const SAMPLES_MAX = 3_600;
const NOTIFY_MS = 250;
const SAMPLE_MS = 1_000;
const SAVE_EVERY_SAMPLES = 10;

export function initialConnection(): ConnectionState {
  const { heartbeats: _, heartbeatDelayMs: __, ...report } = emptyReport(0);
  return { ...report, role: 'follower', tabs: 1, changes: [], outages: [], gaps: [], samples: [] };
}

/**
 * ConnectionState out of reports, the same way in the tab that holds the stream and in the others. Subscribers hear of
 * a new phase at once and of counters four times a second, however fast events flow.
 */
export class ConnectionStore {
  readonly store: StoreApi<ConnectionState>;
  readonly #scheduler: Scheduler;
  #storage: StoragePort | undefined;
  #state: ConnectionState = initialConnection();
  #samples = new Ring<StreamSample>(SAMPLES_MAX);
  #heard: { heartbeats: number; delayMs: number | null } = { heartbeats: 0, delayMs: null };
  #sampled = { received: 0, bytes: 0, heartbeats: 0 };
  /** Counter at the opening of a stream that is still catching up, and when that was. */
  #opened = { atMs: 0, replayed: 0 };
  #everOpen = false;
  #cancelNotify: Cancel | undefined;
  #cancelSample: Cancel | undefined;

  constructor(scheduler: Scheduler) {
    this.#scheduler = scheduler;
    this.store = createStore(() => this.#state);
  }

  /** Goes on with the story of the page before a reload, and begins to take a sample a second. */
  start(storage: StoragePort | undefined): void {
    if (this.#cancelSample) return;
    this.#storage = storage;
    const history =
      storage && this.#state.changes.length === 0 ? loadHistory(storage, this.#scheduler.now()) : undefined;
    if (history) this.#restore(history);
    this.#tick();
  }

  stop(): void {
    this.#cancelSample?.();
    this.#cancelNotify?.();
    this.#cancelSample = this.#cancelNotify = undefined;
    this.save();
  }

  save(): void {
    if (this.#storage) saveHistory(this.#storage, this.#state);
  }

  report(report: StreamReport, role: TabRole, tabs: number): void {
    const before = this.#state;
    const { heartbeats, heartbeatDelayMs, ...rest } = report;
    this.#heard = { heartbeats, delayMs: heartbeatDelayMs };
    this.#state = { ...before, ...rest, role, tabs };
    const moved = before.phase !== report.phase || before.sinceMs !== report.sinceMs;
    if (moved) {
      const change: PhaseChange = { phase: report.phase, atMs: report.sinceMs, cause: report.cause };
      const outages = this.#outagesAfter(report);
      this.#state = { ...this.#state, changes: [...before.changes, change].slice(-CHANGES_MAX), outages };
    }
    if (moved || before.role !== role || before.tabs !== tabs) this.#notify();
    else this.#notifySoon();
  }

  notices(notices: readonly Notice[]): void {
    const gaps = notices.flatMap((notice) => (notice.kind === 'caught-up' ? [] : [notice.gap]));
    if (gaps.length === 0) return;
    this.#state = { ...this.#state, gaps: [...this.#state.gaps, ...gaps].slice(-GAPS_MAX) };
    this.#notifySoon();
  }

  /** An outage begins when an open stream is lost, and ends when a stream is live again. */
  #outagesAfter(report: StreamReport): readonly Outage[] {
    const { outages } = this.#state;
    const { phase, sinceMs, cause, replayed } = report;
    const last = outages.at(-1);
    const open = last !== undefined && last.catchUpMs === undefined ? last : undefined;
    if (isLost(phase)) {
      if (!this.#everOpen) return outages;
      if (!open) return [...outages, { atMs: sinceMs, cause, replayed: 0 }].slice(-OUTAGES_MAX);
      // Lost again while catching up: it is one outage until the stream is live.
      const { downMs: _, ...again } = open;
      return [...outages.slice(0, -1), again];
    }
    if (!isOpen(phase)) return outages;
    this.#everOpen = true;
    if (!open) return outages;
    let healed = open;
    if (healed.downMs === undefined) {
      this.#opened = { atMs: sinceMs, replayed };
      healed = { ...healed, downMs: sinceMs - healed.atMs };
    }
    if (phase === 'live') {
      const caughtUp = healed.replayed + replayed - this.#opened.replayed;
      healed = { ...healed, catchUpMs: sinceMs - this.#opened.atMs, replayed: caughtUp };
    }
    return [...outages.slice(0, -1), healed];
  }

  #restore({ changes, outages, samples }: ConnectionHistory): void {
    for (const sample of samples) this.#samples.push(sample);
    this.#state = { ...this.#state, changes, outages, samples };
    this.#notify();
  }

  #tick(): void {
    this.#cancelSample = this.#scheduler.after(SAMPLE_MS, () => {
      this.#tick();
      this.#sample();
    });
  }

  #sample(): void {
    const { received, bytes, phase } = this.#state;
    const { heartbeats, delayMs } = this.#heard;
    this.#samples.push({
      atMs: this.#scheduler.now(),
      // Another tab that takes the lead may count from less.
      events: Math.max(0, received - this.#sampled.received),
      bytes: Math.max(0, bytes - this.#sampled.bytes),
      heartbeatDelayMs: heartbeats > this.#sampled.heartbeats ? delayMs : null,
      phase,
    });
    this.#sampled = { received, bytes, heartbeats };
    this.#state = { ...this.#state, samples: this.#samples.toArray() };
    this.#notifySoon();
    if (Math.floor(this.#scheduler.now() / SAMPLE_MS) % SAVE_EVERY_SAMPLES === 0) this.save();
  }

  #notifySoon(): void {
    this.#cancelNotify ??= this.#scheduler.after(NOTIFY_MS, () => this.#notify());
  }

  #notify(): void {
    this.#cancelNotify?.();
    this.#cancelNotify = undefined;
    this.store.setState(this.#state, true);
  }
}
