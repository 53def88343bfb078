import { type Filter, filterKey } from '@/lib/core/filter.ts';
import { parsePosition } from '@/lib/core/position.ts';
import { continueAt, later } from './batch-overlap.ts';
import { reaches } from './cursor.ts';
import { RecentBatches } from './recent-batches.ts';
import type { Cancel, Scheduler } from './scheduler.ts';
import type { StreamBatch, StreamReport } from './stream-batch.ts';
import { StreamClient } from './stream-client.ts';
import type { StreamClientOptions } from './stream-options.ts';
import type { TabMessage, TabNeed } from './tab-protocol.ts';
import { covers, joinNeeds } from './view-set.ts';

/**
 * Lets nothing through: a level lets only logs through, the kind only metrics. When no view wants events the stream
 * stays open under it, costs a heartbeat now and then, and the badge of every page stays true.
 */
export const FILTER_NOTHING: Filter = { kind: 'metric', level: 'fatal' };

/** Widening happens at once; a narrower stream only saves bytes, so it waits for the page that is just being opened. */
const NARROW_AFTER_MS = 2_000;

/**
 * React hydrates a page's content after the shell around it: a stream opened for nobody would be thrown away at once.
 * Only a page that wants no events waits so long for its badge.
 */
export const IDLE_AFTER_MS = 300;

export type TabLeaderOptions = Omit<StreamClientOptions, 'onBatch' | 'onReport' | 'seed'> & {
  readonly scheduler: Scheduler;
  readonly seed: StreamReport;
  readonly onBatch: (batch: StreamBatch) => void;
  readonly onReport: (report: StreamReport) => void;
};

/** Owns the one stream and decides, from what every tab needs, when it must begin anew and where. */
export class TabLeader {
  readonly stream: StreamClient;
  readonly #scheduler: Scheduler;
  readonly #onBatch: (batch: StreamBatch) => void;
  readonly #recent = new RecentBatches();
  #tabs = new Map<string, TabNeed | null>();
  #running: { filter: Filter; cursor: string | undefined } | undefined;
  #cancelNarrow: Cancel | undefined;
  #cancelIdle: Cancel | undefined;
  #started = false;

  constructor(options: TabLeaderOptions) {
    this.#scheduler = options.scheduler;
    this.#onBatch = options.onBatch;
    this.stream = new StreamClient({
      ...options,
      onBatch: (batch) => {
        if (this.#running) this.#running.cursor = batch.toCursor;
        this.#recent.remember(batch);
        this.#hand(batch);
      },
    });
  }

  get tabs(): number {
    return this.#tabs.size;
  }

  others(tabId: string): string[] {
    return [...this.#tabs.keys()].filter((id) => id !== tabId);
  }

  has(tabId: string): boolean {
    return this.#tabs.has(tabId);
  }

  register(tabId: string, need: TabNeed | null): void {
    this.#tabs.set(tabId, need);
    // Every tab gets them, and drops what it has.
    if (need && this.#started) for (const batch of this.#recent.since(need)) this.#hand(batch);
    this.#reconcile('another view needs the stream');
  }

  /** What another tab says to the one that leads. Returns true when that tab was not known before. */
  receive(message: TabMessage): boolean {
    if (message.type === 'leave') this.leave(message.tabId);
    if (message.type === 'reconnect') this.stream.reconnectNow('the reader asked for it');
    if (message.type === 'wish') this.stream.wish(message);
    if (message.type !== 'register') return false;
    const isNew = !this.has(message.tabId);
    this.register(message.tabId, message.need);
    return isNew;
  }

  leave(tabId: string): void {
    if (this.#tabs.delete(tabId)) this.#reconcile('a tab has left');
  }

  /** Before it starts, the leader only collects what the tabs need, so that the first stream serves all. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#reconcile('this tab leads');
  }

  stop(cause: string): void {
    this.#started = false;
    this.#cancelNarrow?.();
    this.#cancelIdle?.();
    this.#cancelNarrow = this.#cancelIdle = undefined;
    this.stream.stop(cause);
  }

  #reconcile(cause: string): void {
    if (!this.#started) return;
    this.#cancelNarrow?.();
    this.#cancelNarrow = undefined;
    const needs = [...this.#tabs.values()].filter((need) => need !== null);
    const epoch = this.#running?.cursor === undefined ? undefined : parsePosition(this.#running.cursor)?.epoch;
    const wanted = joinNeeds(needs, epoch);
    const running = this.#running;
    if (!running && !wanted)
      this.#cancelIdle ??= this.#scheduler.after(IDLE_AFTER_MS, () => this.#open(undefined, cause));
    else if (!running) this.#open(wanted, cause);
    else if (!wanted || this.#serves(running, needs)) {
      const filter = wanted?.filter ?? FILTER_NOTHING;
      if (filterKey(filter) === filterKey(running.filter)) return;
      this.#cancelNarrow = this.#scheduler.after(NARROW_AFTER_MS, () => this.#narrow());
    } else this.#open(wanted, cause);
  }

  /** By then the tabs have moved on: the stream goes on from where they are now. */
  #narrow(): void {
    this.#cancelNarrow = undefined;
    const needs = [...this.#tabs.values()].filter((need) => need !== null);
    this.#open(joinNeeds(needs, undefined), 'fewer events are needed');
  }

  #serves(running: { filter: Filter; cursor: string | undefined }, needs: readonly TabNeed[]): boolean {
    const { filter, cursor } = running;
    return needs.every((need) => covers(filter, need.filter) && cursor !== undefined && reaches(cursor, need.cursor));
  }

  #open(wanted: TabNeed | undefined, cause: string): void {
    this.#cancelIdle?.();
    this.#cancelIdle = undefined;
    const filter = wanted?.filter ?? FILTER_NOTHING;
    const before = this.#running?.cursor;
    this.#running = undefined;
    const cursor = wanted?.cursor ?? before;
    this.stream.open({ filter, cursor }, cause);
    // Not before: opening flushes what came in under the old filter.
    this.#recent.clear();
    this.#running = { filter, cursor };
  }

  #hand(batch: StreamBatch): void {
    this.#served(batch);
    this.#onBatch(batch);
  }

  /**
   * A tab whose cursor a batch continued has it now: the channel loses no message between tabs that live, and one that
   * sees a hole says so. Without this the next start would go back to where each tab once registered.
   */
  #served(batch: StreamBatch): void {
    for (const [tabId, need] of this.#tabs) {
      if (need === null || !covers(batch.filter, need.filter)) continue;
      const next = continueAt(need.cursor, batch);
      if (next) this.#tabs.set(tabId, { ...need, cursor: later(next.cursor, batch.toCursor) });
    }
  }
}
