import { createStore, type StoreApi } from 'zustand/vanilla';
import type { Filter } from '@/lib/core/filter.ts';
import type { MetricPage } from '@/lib/wire/pages.ts';
import { fetchPage } from './fetch-page.ts';
import { SeriesSet } from './metric-series.ts';
import type { Cancel, Scheduler } from './scheduler.ts';
import { type MetricState, RANGES, type RangeKey } from './state.ts';
import type { ViewBatch, ViewSpec } from './view-set.ts';

/** Points asked for: one for every four pixels or so of a wide chart. */
export const WIDTH_POINTS = 300;
/** Charts are drawn this often, however fast samples come: the eye gains nothing from more. */
const DRAW_MS = 250;
/** A first page that is older, out of a cache or under another clock, is asked for anew, which tells the two apart. */
const PAGE_AGE_MS = 10_000;
/** Without samples the window still moves with the clock. */
const MOVE_MS = 1_000;

export type MetricStoreOptions = {
  readonly fetch: typeof fetch;
  readonly scheduler: Scheduler;
  readonly openView: (spec: ViewSpec) => () => void;
};
export type MetricInitial = { page: MetricPage; range: RangeKey; services?: readonly string[] };

/** Metrics over a window that moves with the clock: history from the server, then the live stream into its buckets. */
export class MetricStore {
  readonly store: StoreApi<MetricState>;
  readonly #options: MetricStoreOptions;
  #services: readonly string[];
  #series: SeriesSet;
  #cursor: string;
  /** Server time minus this clock, known once an answer has come here straight. */
  #skewMs = 0;
  #newestMs: number;
  #wanted: RangeKey;
  #attached = false;
  #closeView: (() => void) | undefined;
  #cancelDraw: Cancel | undefined;
  #cancelMove: Cancel | undefined;
  #loading: AbortController | undefined;

  constructor(options: MetricStoreOptions, { page, range, services = [] }: MetricInitial) {
    this.#options = options;
    this.#services = services;
    this.#wanted = range;
    this.#series = new SeriesSet(page);
    this.#cursor = page.position;
    this.#newestMs = page.toMs;
    const { fromMs, toMs, stepMs, omitted } = page;
    const series = this.#series.draw(fromMs);
    this.store = createStore<MetricState>(() => {
      return { range, fromMs, toMs, stepMs, series, omitted, loading: false, error: undefined };
    });
  }

  /** Joins the stream where the page ends. Returns the function that leaves it. */
  attach(): () => void {
    const { scheduler } = this.#options;
    const ageMs = scheduler.now() + this.#skewMs - this.#newestMs;
    this.#attached = true;
    if (this.store.getState().loading || Math.abs(ageMs) > PAGE_AGE_MS) void this.#load();
    this.#join();
    this.#move();
    return () => {
      this.#attached = false;
      this.#leave();
      this.#cancelMove?.();
      this.#cancelDraw?.();
      this.#loading?.abort();
      this.#cancelMove = this.#cancelDraw = this.#loading = undefined;
    };
  }

  setRange(range: RangeKey): void {
    this.#wanted = range;
    void this.#load();
  }

  setServices(services: readonly string[]): void {
    this.#services = services;
    void this.#load();
  }

  retry(): void {
    if (this.store.getState().error !== undefined) void this.#load();
  }

  async #load(): Promise<void> {
    const { fetch, scheduler } = this.#options;
    this.#loading?.abort();
    const request = new AbortController();
    this.#loading = request;
    const range = this.#wanted;
    // The old charts stay, and go on, until the new ones are there.
    this.store.setState({ loading: true, error: undefined });
    const query = new URLSearchParams({ from: `-${range}`, width: String(WIDTH_POINTS) });
    for (const service of this.#services) query.append('service', service);
    const answer = await fetchPage<MetricPage>(fetch, `/api/metrics/query?${query}`, request.signal);
    if (!answer || request !== this.#loading) return;
    this.#loading = undefined;
    if (!answer.ok) return this.store.setState({ loading: false, error: answer.error });
    const { page } = answer;
    this.#leave();
    this.#series = new SeriesSet(page);
    this.#cursor = page.position;
    this.#skewMs = page.toMs - scheduler.now();
    this.#newestMs = page.toMs;
    this.store.setState({ range, stepMs: page.stepMs, loading: false });
    this.#draw();
    if (this.#attached) this.#join();
  }

  #join(): void {
    const filter: Filter = { kind: 'metric', ...(this.#services.length > 0 && { services: this.#services }) };
    this.#closeView ??= this.#options.openView({ filter, cursor: this.#cursor, onBatch: (batch) => this.#take(batch) });
  }

  #leave(): void {
    this.#closeView?.();
    this.#closeView = undefined;
  }

  #take(batch: ViewBatch): void {
    this.#cursor = batch.toCursor;
    const fromMs = this.#toMs() - RANGES[this.store.getState().range];
    for (const event of batch.events) {
      if (event.kind === 'metric') this.#series.add(event, fromMs);
    }
    if (batch.events.length === 0) return;
    this.#cancelDraw ??= this.#options.scheduler.after(DRAW_MS, () => this.#draw());
  }

  #move(): void {
    this.#cancelMove = this.#options.scheduler.after(MOVE_MS, () => {
      this.#move();
      this.#draw();
    });
  }

  #draw(): void {
    this.#cancelDraw?.();
    this.#cancelDraw = undefined;
    const toMs = this.#toMs();
    const fromMs = toMs - RANGES[this.store.getState().range];
    this.store.setState({ fromMs, toMs, series: this.#series.draw(fromMs), omitted: this.#series.omitted });
  }

  /** The window never goes back, though the clock may. */
  #toMs(): number {
    this.#newestMs = Math.max(this.#newestMs, this.#options.scheduler.now() + this.#skewMs);
    return this.#newestMs;
  }
}
