import { ReportPace } from './report-pace.ts';
import type { Cancel, Scheduler } from './scheduler.ts';
import type { TabRole } from './state.ts';
import { emptyReport, type StreamBatch, type StreamReport } from './stream-batch.ts';
import { TabCensus } from './tab-census.ts';
import { CENSUS_MS, HOLE_MS, ROUND_MS, type TabHubOptions } from './tab-hub-options.ts';
import { TabLeader } from './tab-leader.ts';
import type { TabPorts } from './tab-ports.ts';
import { parseTabMessage, STREAM_LOCK, TAB_LOCK_PREFIX, type TabMessage } from './tab-protocol.ts';
import type { WishAsked } from './transport-try.ts';
import { ViewSet, type ViewSpec } from './view-set.ts';
import { HEARTBEAT_DEFAULT_MS, leaderSilenceMs } from './watchdog.ts';

/**
 * One stream for all tabs of a browser: HTTP/1.1 allows six connections per origin, so the seventh tab with a stream
 * of its own would hang. The tab that holds the lock leads; when it goes, the next one continues from the smallest
 * cursor of all, and each tab drops what it has already.
 */
export class TabHub {
  readonly #options: TabHubOptions;
  readonly #scheduler: Scheduler;
  readonly #views = new ViewSet();
  readonly #pace: ReportPace;
  #tabId = '';
  #running = false;
  #ports: TabPorts | undefined;
  #leader: TabLeader | undefined;
  #report: StreamReport = emptyReport(0);
  #wish: WishAsked | undefined;
  #tabs = 1;
  #heardMs = 0;
  #census: TabCensus | undefined;
  #releaseTab: Cancel | undefined;
  #releaseStream: Cancel | undefined;
  #cancelRound: Cancel | undefined;
  #cancelCensus: Cancel | undefined;
  #cancelAnnounce: Cancel | undefined;

  constructor(options: TabHubOptions) {
    this.#options = options;
    this.#scheduler = options.scheduler;
    this.#pace = new ReportPace(this.#scheduler, () => {
      this.#post({ type: 'report', report: this.#report, tabs: this.#tabs });
    });
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
    this.#tabId = this.#options.tabId();
    this.#ports = this.#options.ports();
    this.#wish = this.#options.wish?.();
    this.#heardMs = this.#scheduler.now();
    if (this.#ports) {
      this.#census = new TabCensus(this.#ports.locks, this.#tabId);
      this.#ports.channel.listen((data) => this.#receive(parseTabMessage(data)));
      this.#releaseTab = this.#ports.locks.hold(TAB_LOCK_PREFIX + this.#tabId, {});
      this.#queue(false);
      this.#announce();
      this.#round();
    } else this.#lead();
  }

  /** Gives the stream to another tab and releases all that this one holds; the views stay for the next start. */
  stop(cause: string): void {
    if (!this.#running) return;
    this.#step(cause);
    this.#post({ type: 'leave', tabId: this.#tabId });
    for (const cancel of [this.#cancelRound, this.#cancelAnnounce, this.#releaseStream, this.#releaseTab]) cancel?.();
    this.#cancelRound = this.#cancelAnnounce = this.#releaseStream = this.#releaseTab = undefined;
    this.#running = false;
    this.#ports?.channel.close();
    this.#ports = this.#census = undefined;
    this.#told({ ...this.#report, phase: 'idle', cause, sinceMs: this.#scheduler.now(), retryAtMs: undefined }, 1);
  }

  reconnectNow(cause: string): void {
    if (this.#leader) this.#leader.stream.reconnectNow(cause);
    else this.#post({ type: 'reconnect' });
  }

  /** Another transport for the one stream, whichever tab holds it. */
  wish(asked: WishAsked): void {
    if (this.#leader) this.#leader.stream.wish(asked);
    else this.#post({ type: 'wish', ...asked });
  }

  /** Call when time may have jumped: the tab became visible, the page came back from the cache. */
  check(): void {
    this.#leader?.stream.check();
    this.#checkLeader();
  }

  online(online: boolean): void {
    this.#leader?.stream.online(online);
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
      onRefused: () => this.#goAlone(),
    });
  }

  #goAlone(): void {
    this.#cancelRound?.();
    this.#ports?.channel.close();
    this.#cancelRound = this.#ports = this.#census = undefined;
    this.#lead();
  }

  #lead(): void {
    if (!this.#running || this.#leader) return;
    const leader = new TabLeader({
      ...this.#options,
      wish: this.#wish,
      memory: this.#options.memory?.(),
      seed: this.#report,
      onBatch: (batch) => this.#lift(batch),
      onReport: (report) => this.#publish(report),
    });
    this.#wish = undefined;
    this.#leader = leader;
    leader.register(this.#tabId, this.#views.need ?? null);
    if (this.#ports) {
      this.#post({ type: 'who' });
      this.#cancelCensus = this.#scheduler.after(CENSUS_MS, () => leader.start());
      void this.#startIfComplete(leader);
    } else leader.start();
  }

  /** Most often this tab is alone, and need not wait for anybody. */
  async #startIfComplete(leader: TabLeader): Promise<void> {
    const others = (await this.#census?.others()) ?? [];
    if (leader === this.#leader && others.every((tabId) => leader.has(tabId))) leader.start();
  }

  #step(cause: string): void {
    this.#cancelCensus?.();
    this.#cancelCensus = undefined;
    this.#pace.stop();
    const leader = this.#leader;
    this.#leader = undefined;
    leader?.stop(cause);
    this.#heardMs = this.#scheduler.now();
  }

  #receive(message: TabMessage | undefined): void {
    if (!message || !this.#running) return;
    const leader = this.#leader;
    if (!leader && (message.type === 'batch' || message.type === 'report')) {
      this.#heardMs = this.#scheduler.now();
      if (message.type === 'batch') this.#take(message.batch);
      else this.#told(message.report, message.tabs);
      if (this.#wish) this.wish(this.#wish);
      this.#wish = undefined;
    }
    if (message.type === 'who') this.#announce();
    if (!leader) return;
    const isNew = leader.receive(message);
    if (message.type === 'register') void this.#startIfComplete(leader);
    if (isNew) this.#publish(leader.stream.report, true);
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
    if (this.#leader) this.#leader.register(this.#tabId, need);
    else this.#post({ type: 'register', tabId: this.#tabId, need });
  }

  #publish(report: StreamReport, atOnce = false): void {
    const tabs = this.#leader?.tabs ?? this.#tabs;
    const moved = report.phase !== this.#report.phase || report.sinceMs !== this.#report.sinceMs;
    this.#told(report, tabs);
    if (!this.#ports || tabs < 2) return;
    if (atOnce || moved) this.#pace.now();
    else this.#pace.soon();
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

  async #prune(): Promise<void> {
    const leader = this.#leader;
    if (!leader || !this.#census) return;
    for (const tabId of await this.#census.gone(leader.others(this.#tabId))) leader.leave(tabId);
    if (leader === this.#leader) this.#publish(leader.stream.report, true);
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
