import type { Cancel, Scheduler } from './scheduler.ts';
import type { TabRole } from './state.ts';
import { emptyReport, type StreamBatch, type StreamReport } from './stream-batch.ts';
import { leaderSilenceMs, type StreamClientOptions } from './stream-client.ts';
import { TabLeader } from './tab-leader.ts';
import type { TabPorts } from './tab-ports.ts';
import { parseTabMessage, STREAM_LOCK, TAB_LOCK_PREFIX, type TabMessage } from './tab-protocol.ts';
import { ViewSet, type ViewSpec } from './view-set.ts';
import { HEARTBEAT_DEFAULT_MS } from './watchdog.ts';

/** How often the leader tells the other tabs about the stream while its phase stays the same. */
const REPORT_MS = 250;
/** The longest that a new leader waits for the needs of the tabs that it knows of. */
const CENSUS_MS = 250;
const ROUND_MS = 5_000;
/** A hole is asked for once, though many batches show it. */
const HOLE_MS = 50;

export type TabHubOptions = Pick<StreamClientOptions, 'fetch' | 'isOnline' | 'onIllegal'> & {
  readonly tabId: string;
  readonly scheduler: Scheduler;
  /** Called at every start; undefined makes this tab hold a stream of its own. */
  readonly ports: () => TabPorts | undefined;
  readonly onReport: (report: StreamReport, role: TabRole, tabs: number) => void;
  readonly onBatch: (batch: StreamBatch) => void;
};

/**
 * One stream for all tabs of a browser: HTTP/1.1 allows six connections per origin, so the seventh tab with a stream
 * of its own would hang. The tab that holds the lock leads; when it goes, the next one continues from the smallest
 * cursor of all, and each tab drops what it has already.
 */
export class TabHub {
  readonly #options: TabHubOptions;
  readonly #scheduler: Scheduler;
  readonly #views = new ViewSet();
  #running = false;
  #ports: TabPorts | undefined;
  #leader: TabLeader | undefined;
  #report: StreamReport;
  #tabs = 1;
  #heardMs = 0;
  #suspects = new Set<string>();
  #releaseTab: Cancel | undefined;
  #releaseStream: Cancel | undefined;
  #cancelRound: Cancel | undefined;
  #cancelCensus: Cancel | undefined;
  #cancelAnnounce: Cancel | undefined;
  #cancelReport: Cancel | undefined;

  constructor(options: TabHubOptions) {
    this.#options = options;
    this.#scheduler = options.scheduler;
    this.#report = emptyReport(options.scheduler.now());
  }

  get role(): TabRole {
    if (this.#running && !this.#ports) return 'alone';
    return this.#leader ? 'leader' : 'follower';
  }

  /** Returns the function that closes the view. */
  open(spec: ViewSpec): () => void {
    const close = this.#views.open(spec);
    this.#announceIn(0);
    return () => {
      close();
      this.#announceIn(0);
    };
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#ports = this.#options.ports();
    this.#heardMs = this.#scheduler.now();
    if (this.#ports) {
      this.#ports.channel.listen((data) => this.#receive(parseTabMessage(data)));
      this.#releaseTab = this.#ports.locks.hold(TAB_LOCK_PREFIX + this.#options.tabId, {});
      this.#queue(false);
      this.#announce();
      this.#round();
    } else this.#lead();
  }

  /** Gives the stream to another tab and releases all that this one holds; the views stay for the next start. */
  stop(cause: string): void {
    if (!this.#running) return;
    this.#step(cause);
    this.#post({ type: 'leave', tabId: this.#options.tabId });
    for (const cancel of [this.#cancelRound, this.#cancelAnnounce, this.#releaseStream, this.#releaseTab]) cancel?.();
    this.#cancelRound = this.#cancelAnnounce = this.#releaseStream = this.#releaseTab = undefined;
    this.#running = false;
    this.#ports?.channel.close();
    this.#ports = undefined;
    this.#told({ ...this.#report, phase: 'idle', cause, sinceMs: this.#scheduler.now(), retryAtMs: undefined }, 1);
  }

  reconnectNow(cause: string): void {
    if (this.#leader) this.#leader.stream.reconnectNow(cause);
    else this.#post({ type: 'reconnect' });
  }

  /** Call when time may have jumped: the tab became visible, the page came back from the cache. */
  check(): void {
    this.#leader?.stream.check();
    this.#checkLeader();
  }

  online(online: boolean): void {
    if (online) this.#leader?.stream.online();
    else this.#leader?.stream.offline();
  }

  #queue(steal: boolean): void {
    this.#releaseStream?.();
    this.#releaseStream = this.#ports?.locks.hold(STREAM_LOCK, {
      steal,
      onHeld: () => this.#lead(),
      onLost: () => {
        this.#step('another tab has taken over');
        this.#queue(false);
      },
    });
  }

  #lead(): void {
    if (!this.#running || this.#leader) return;
    const { tabId, fetch, isOnline, onIllegal } = this.#options;
    const leader = new TabLeader({
      fetch,
      isOnline,
      scheduler: this.#scheduler,
      seed: this.#report,
      onBatch: (batch) => this.#lift(batch),
      onReport: (report) => this.#publish(report),
      ...(onIllegal && { onIllegal }),
    });
    this.#leader = leader;
    leader.register(tabId, this.#views.need ?? null);
    if (!this.#ports) return leader.start();
    this.#post({ type: 'who' });
    this.#cancelCensus = this.#scheduler.after(CENSUS_MS, () => leader.start());
    void this.#census(leader);
  }

  /** Most often this tab is alone, and need not wait for anybody. */
  async #census(leader: TabLeader): Promise<void> {
    const others = await this.#otherTabs();
    if (leader === this.#leader && others.every((tabId) => leader.has(tabId))) leader.start();
  }

  #step(cause: string): void {
    this.#cancelCensus?.();
    this.#cancelReport?.();
    this.#cancelCensus = this.#cancelReport = undefined;
    const leader = this.#leader;
    this.#leader = undefined;
    leader?.stop(cause);
    this.#heardMs = this.#scheduler.now();
  }

  #receive(message: TabMessage | undefined): void {
    if (!message || !this.#running) return;
    const leader = this.#leader;
    if (message.type === 'batch' && !leader) {
      this.#heardMs = this.#scheduler.now();
      this.#take(message.batch);
    }
    if (message.type === 'report' && !leader) {
      this.#heardMs = this.#scheduler.now();
      this.#told(message.report, message.tabs);
    }
    if (message.type === 'who') this.#announce();
    if (!leader) return;
    if (message.type === 'register') {
      const known = leader.has(message.tabId);
      leader.register(message.tabId, message.need);
      void this.#census(leader);
      if (!known) this.#publish(leader.stream.report, true);
    }
    if (message.type === 'leave') leader.leave(message.tabId);
    if (message.type === 'reconnect') leader.stream.reconnectNow('the reader asked for it');
  }

  #lift(batch: StreamBatch): void {
    // A copy for nobody would cost as much as one for somebody.
    if ((this.#leader?.tabs ?? 0) > 1) this.#post({ type: 'batch', batch });
    this.#take(batch);
  }

  #take(batch: StreamBatch): void {
    this.#options.onBatch(batch);
    if (!this.#views.accept(batch)) this.#announceIn(HOLE_MS);
  }

  #announceIn(delayMs: number): void {
    if (!this.#running) return;
    this.#cancelAnnounce ??= this.#scheduler.after(delayMs, () => {
      this.#cancelAnnounce = undefined;
      this.#announce();
    });
  }

  #announce(): void {
    const need = this.#views.need ?? null;
    if (this.#leader) this.#leader.register(this.#options.tabId, need);
    else this.#post({ type: 'register', tabId: this.#options.tabId, need });
  }

  #publish(report: StreamReport, atOnce = false): void {
    const tabs = this.#leader?.tabs ?? this.#tabs;
    const moved = report.phase !== this.#report.phase || report.sinceMs !== this.#report.sinceMs;
    this.#told(report, tabs);
    if (!this.#ports || tabs < 2) return;
    if (atOnce || moved) this.#mirror();
    else this.#cancelReport ??= this.#scheduler.after(REPORT_MS, () => this.#mirror());
  }

  #mirror(): void {
    this.#cancelReport?.();
    this.#cancelReport = undefined;
    this.#post({ type: 'report', report: this.#report, tabs: this.#tabs });
  }

  #told(report: StreamReport, tabs: number): void {
    this.#report = report;
    this.#tabs = tabs;
    this.#options.onReport(report, this.role, tabs);
  }

  #round(): void {
    this.#cancelRound = this.#scheduler.after(ROUND_MS, () => {
      this.#round();
      this.#checkLeader();
      void this.#prune();
    });
  }

  /** A tab that crashed says no goodbye, but the browser releases its lock. Twice missing: it may just be starting. */
  async #prune(): Promise<void> {
    const leader = this.#leader;
    if (!leader) return;
    const held = new Set(await this.#otherTabs());
    const missing = leader.others(this.#options.tabId).filter((tabId) => !held.has(tabId));
    for (const tabId of missing) {
      if (this.#suspects.has(tabId)) leader.leave(tabId);
    }
    this.#suspects = new Set(missing);
    if (leader === this.#leader) this.#publish(leader.stream.report, true);
  }

  async #otherTabs(): Promise<string[]> {
    const own = TAB_LOCK_PREFIX + this.#options.tabId;
    const names = [...((await this.#ports?.locks.held()) ?? [])];
    const tabs = names.filter((name) => name.startsWith(TAB_LOCK_PREFIX) && name !== own);
    return tabs.map((name) => name.slice(TAB_LOCK_PREFIX.length));
  }

  /** A frozen tab keeps its locks: a leader that says nothing any more loses the stream to whoever notices. */
  #checkLeader(): void {
    const { phase, heartbeatMs } = this.#report;
    if (!this.#running || !this.#ports || this.#leader || phase === 'closed') return;
    const silentMs = this.#scheduler.now() - this.#heardMs;
    if (silentMs < leaderSilenceMs(heartbeatMs ?? HEARTBEAT_DEFAULT_MS)) return;
    this.#heardMs = this.#scheduler.now();
    this.#queue(true);
  }

  #post(message: TabMessage): void {
    this.#ports?.channel.post(message);
  }
}
