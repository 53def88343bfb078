import { createStore, type StoreApi } from 'zustand/vanilla';
import type { ClientTransport } from '@/lib/core/client-transport.ts';
import type { StreamedEvent } from '@/lib/core/event.ts';
import type { Filter } from '@/lib/core/filter.ts';
import { randomId } from '@/lib/core/position.ts';
import type { HistoryPage } from '@/lib/wire/pages.ts';
import { openBrowserWebSocket } from './browser-web-socket.ts';
import type { StoragePort } from './connection-history.ts';
import { ConnectionStore } from './connection-store.ts';
import { LogStore } from './log-store.ts';
import { type MetricInitial, MetricStore } from './metric-store.ts';
import { browserSignals, type PageSignals } from './page-signals.ts';
import { browserScheduler, type Scheduler } from './scheduler.ts';
import type { ConnectionState } from './state.ts';
import type { OpenWebSocket } from './stream-reader.ts';
import { TabHub } from './tab-hub.ts';
import { browserTabPorts, type TabPorts } from './tab-ports.ts';
import { CHANNEL } from './tab-protocol.ts';
import {
  BY_ADDRESS,
  BY_HAND,
  BY_ORDER,
  TRANSPORT_WISHES,
  type TransportWish,
  type WishAsked,
} from './transport-try.ts';
import type { ViewSpec } from './view-set.ts';

/** Everything of the browser that a client uses; nothing of it is touched before `start`. */
export type ClientEnvironment = {
  readonly tabId: () => string;
  readonly fetch: typeof fetch;
  readonly scheduler: Scheduler;
  readonly signals: PageSignals;
  readonly ports: () => TabPorts | undefined;
  readonly storage: () => StoragePort | undefined;
  readonly openWebSocket?: OpenWebSocket;
  /** Outlives the tab. */
  readonly memory?: () => StoragePort | undefined;
  /** The query of the page's address. */
  readonly search?: () => string;
};

/** What the server tells the page. */
export type ClientSettings = { readonly transports?: readonly ClientTransport[] | undefined };

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

  constructor(environment: ClientEnvironment, settings: ClientSettings = {}) {
    const { scheduler, signals, tabId, fetch, ports, openWebSocket, memory, search } = environment;
    this.#environment = environment;
    this.#connection = new ConnectionStore(scheduler);
    this.connection = this.#connection.store;
    this.services = createStore<readonly string[]>(() => []);
    this.#hub = new TabHub({
      tabId,
      fetch,
      scheduler,
      ports,
      openWebSocket,
      memory,
      transports: settings.transports,
      wish: () => wishOf(search?.() ?? ''),
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

  /** Another transport for the stream of this browser, where it stands. It is remembered. */
  chooseTransport(wish: TransportWish): void {
    const why = wish === 'automatic' ? BY_ORDER : BY_HAND;
    this.#hub.wish({ wish, why, remember: true });
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

  /**
   * Asks for events that only the connection's own counters look at, and `onEvents`. Returns the function that ends it.
   */
  watch(filter: Filter, cursor: string, onEvents?: (events: readonly StreamedEvent[]) => void): () => void {
    return this.#openView({ filter, cursor, onBatch: ({ events }) => onEvents?.(events) });
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

export function createBrowserClient(settings: ClientSettings = {}): TailraceClient {
  const environment: ClientEnvironment = {
    // Not randomUUID, which browsers keep from pages that were loaded over plain http.
    tabId: () => randomId(),
    fetch: (...given) => globalThis.fetch(...given),
    scheduler: browserScheduler,
    signals: browserSignals,
    ports: () => browserTabPorts(CHANNEL),
    openWebSocket: openBrowserWebSocket,
    storage: () => browserStorage('sessionStorage'),
    memory: () => browserStorage('localStorage'),
    search: () => window.location.search,
  };
  return new TailraceClient(environment, settings);
}

/** `?transport=ws`: for this page, and not remembered. */
function wishOf(search: string): WishAsked | undefined {
  const named = new URLSearchParams(search).get('transport');
  const wish = TRANSPORT_WISHES.find((one) => one === named);
  return wish && { wish, why: wish === 'automatic' ? BY_ORDER : BY_ADDRESS, remember: false };
}

/** Reading the property throws where the reader has forbidden storage. */
function browserStorage(name: 'sessionStorage' | 'localStorage'): StoragePort | undefined {
  try {
    return window[name];
  } catch {
    return undefined;
  }
}
