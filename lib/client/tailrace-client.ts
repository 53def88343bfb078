import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Filter } from '@/lib/core/filter.ts';
import { randomId } from '@/lib/core/position.ts';
import type { HistoryPage } from '@/lib/wire/pages.ts';
import type { StoragePort } from './connection-history.ts';
import { ConnectionStore } from './connection-store.ts';
import { LogStore } from './log-store.ts';
import { type MetricInitial, MetricStore } from './metric-store.ts';
import { browserSignals, type PageSignals } from './page-signals.ts';
import { browserScheduler, type Scheduler } from './scheduler.ts';
import type { ConnectionState } from './state.ts';
import { TabHub } from './tab-hub.ts';
import { browserTabPorts, type TabPorts } from './tab-ports.ts';
import { CHANNEL } from './tab-protocol.ts';
import type { ViewSpec } from './view-set.ts';

/** Everything of the browser that a client uses; nothing of it is touched before `start`. */
export type ClientEnvironment = {
  readonly tabId: () => string;
  readonly fetch: typeof fetch;
  readonly scheduler: Scheduler;
  readonly signals: PageSignals;
  readonly ports: () => TabPorts | undefined;
  readonly storage: () => StoragePort | undefined;
};

export const SERVICES_MAX = 1_000;

/** One a tab: the connection, and the stores of the pages that look at it. Made on the server too, where it is idle. */
export class TailraceClient {
  readonly connection: StoreApi<ConnectionState>;
  /** Names of services seen so far, sorted, at most SERVICES_MAX. */
  readonly services: StoreApi<readonly string[]>;
  readonly #environment: ClientEnvironment;
  readonly #connection: ConnectionStore;
  readonly #hub: TabHub;
  #seen = new Set<string>();
  #release: (() => void) | undefined;

  constructor(environment: ClientEnvironment) {
    const { scheduler, signals, tabId, fetch, ports } = environment;
    this.#environment = environment;
    this.#connection = new ConnectionStore(scheduler);
    this.connection = this.#connection.store;
    this.services = createStore<readonly string[]>(() => []);
    this.#hub = new TabHub({
      tabId,
      fetch,
      scheduler,
      ports,
      isOnline: () => signals.isOnline(),
      onReport: (report, role, tabs) => this.#connection.report(report, role, tabs),
      onBatch: (batch) => {
        this.#connection.notices(batch.notices);
        this.noteServices(batch.events);
      },
    });
  }

  /** Connects. Returns the function that releases all; both may be called again and again (React runs effects twice). */
  start(): () => void {
    if (this.#release) return this.#release;
    this.#connection.start(this.#environment.storage());
    this.#hub.start();
    const stopListening = this.#environment.signals.listen({
      online: (online) => this.#hub.online(online),
      visible: () => this.#hub.check(),
      hide: () => {
        this.#hub.stop('the page was left');
        this.#connection.save();
      },
      show: () => this.#hub.start(),
    });
    this.#release = () => {
      this.#release = undefined;
      stopListening();
      this.#hub.stop('the page was closed');
      this.#connection.stop();
    };
    return this.#release;
  }

  dispose(): void {
    this.#release?.();
  }

  reconnectNow(): void {
    this.#hub.reconnectNow('the reader asked for it');
  }

  logs(initial: { page: HistoryPage; filter: Filter }): LogStore {
    return new LogStore({ fetch: this.#environment.fetch, openView: this.#openView }, initial);
  }

  metrics(initial: MetricInitial): MetricStore {
    const { fetch, scheduler } = this.#environment;
    return new MetricStore({ fetch, scheduler, openView: this.#openView }, initial);
  }

  /** Asks for events that only the connection's own counters look at. Returns the function that ends it. */
  watch(filter: Filter, cursor: string): () => void {
    return this.#openView({ filter, cursor, onBatch: () => undefined });
  }

  readonly #openView = (spec: ViewSpec) => this.#hub.open(spec);

  /** Not for use while React renders: it may update who shows the names. */
  noteServices(seen: readonly { readonly service: string }[]): void {
    const before = this.#seen.size;
    for (const { service } of seen) {
      if (this.#seen.size < SERVICES_MAX) this.#seen.add(service);
    }
    if (this.#seen.size > before) this.services.setState([...this.#seen].sort(), true);
  }
}

export function createBrowserClient(): TailraceClient {
  return new TailraceClient({
    // Not randomUUID, which browsers keep from pages that were loaded over plain http.
    tabId: () => randomId(),
    fetch: (...given) => globalThis.fetch(...given),
    scheduler: browserScheduler,
    signals: browserSignals,
    ports: () => browserTabPorts(CHANNEL),
    storage: browserStorage,
  });
}

/** Reading the property throws where the reader has forbidden storage. */
function browserStorage(): StoragePort | undefined {
  try {
    return window.sessionStorage;
  } catch {
    return undefined;
  }
}
