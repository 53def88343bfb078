import { createStore, type StoreApi } from 'zustand/vanilla';
import { type Filter, filterToQuery } from '@/lib/core/filter.ts';
import type { HistoryPage } from '@/lib/wire/pages.ts';
import { distance } from './cursor.ts';
import { fetchPage } from './fetch-page.ts';
import { markerRow } from './log-marker.ts';
import { eventRow, ROW_LIMITS, RowBuffer, type RowLimits } from './log-rows.ts';
import type { LogRow, LogState } from './state.ts';
import type { ViewBatch, ViewSpec } from './view-set.ts';

export const PAGE_ROWS = 500;

export type LogStoreOptions = {
  readonly fetch: typeof fetch;
  /** Registers a view with the tab's stream; returns the function that closes it. */
  readonly openView: (spec: ViewSpec) => () => void;
  readonly limits?: RowLimits;
};

/**
 * The log list: history above, the live stream below. While the reader looks at older lines nothing moves under his
 * eyes; new lines wait in a bounded buffer, and if that overflows the list later shows the newest contiguous range,
 * above which history has the rest.
 */
export class LogStore {
  readonly store: StoreApi<LogState>;
  readonly #options: LogStoreOptions;
  readonly #shown: RowBuffer;
  readonly #pending: RowBuffer;
  #filter: Filter;
  #cursor: string;
  #before: string | null;
  /** Rows are missing between `#shown` and `#pending`, or between `#shown` and the stream. */
  #torn = false;
  #caughtUp = 0;
  #markers = 0;
  #resets = 0;
  #closeView: (() => void) | undefined;
  #attached = false;
  #loadingPage: AbortController | undefined;
  #loadingOlder: AbortController | undefined;

  constructor(options: LogStoreOptions, initial: { page: HistoryPage; filter: Filter }) {
    const limits = options.limits ?? ROW_LIMITS;
    this.#options = options;
    this.#shown = new RowBuffer(limits);
    this.#pending = new RowBuffer(limits);
    this.#filter = initial.filter;
    this.#cursor = initial.page.head;
    this.#before = initial.page.before;
    this.#shown.append(initial.page.events.map((event) => eventRow(event, 0)));
    const { rows } = this.#shown;
    this.store = createStore<LogState>(() => ({
      rows,
      following: true,
      unseen: 0,
      older: this.#before === null ? 'end' : 'idle',
      loading: false,
      error: undefined,
    }));
  }

  /** Joins the stream where the rows end; what came in between is caught up. Returns the function that leaves it. */
  attach(): () => void {
    this.#attached = true;
    this.#join();
    // A first page whose request an earlier leaving has cut off.
    if (this.store.getState().loading && !this.#loadingPage) void this.#loadPage();
    return () => {
      this.#attached = false;
      this.#leave();
      this.#loadingPage?.abort();
      this.#loadingOlder?.abort();
      this.#loadingPage = this.#loadingOlder = undefined;
      if (this.store.getState().older === 'loading') this.store.setState({ older: 'idle' });
    };
  }

  /** Of the rows shown. */
  get services(): readonly { service: string }[] {
    return this.#shown.rows.flatMap((row) => (row.kind === 'event' ? [row.event] : []));
  }

  follow(): void {
    if (this.store.getState().following) return;
    // The newest lines were pushed out by older ones and none came since: only history knows them.
    if (this.#torn && this.#pending.firstPosition === undefined) return void this.#loadPage();
    if (this.#torn) this.#replaceShown();
    else this.#append(this.#pending.rows);
    this.#pending.clear();
    this.store.setState({ rows: this.#shown.rows, following: true, unseen: 0 });
  }

  pause(): void {
    this.store.setState({ following: false });
  }

  async loadOlder(): Promise<void> {
    const { older, loading } = this.store.getState();
    if (older === 'loading' || older === 'end' || loading) return;
    const before = this.#shown.firstPosition ?? this.#before;
    // History holds nothing of a journal that was lost.
    const lost = before !== null && distance(before, this.#cursor) === undefined;
    if (before === null || lost) return this.store.setState({ older: 'end' });
    this.#loadingOlder?.abort();
    const request = new AbortController();
    this.#loadingOlder = request;
    this.store.setState({ older: 'loading' });
    const answer = await this.#fetchPage({ before }, request.signal);
    if (!answer || request !== this.#loadingOlder) return;
    this.#loadingOlder = undefined;
    if (!answer.ok) return this.store.setState({ older: { error: answer.error } });
    // Following may have pushed out the row this page was asked for: it would leave a hole.
    if (this.#shown.firstPosition !== undefined && this.#shown.firstPosition !== before) {
      return this.store.setState({ older: 'idle' });
    }
    this.#prepend(answer.page);
  }

  setFilter(filter: Filter): void {
    this.#filter = filter;
    void this.#loadPage();
  }

  /** Asks again for whatever failed. */
  retry(): void {
    const { error, older } = this.store.getState();
    if (error !== undefined) void this.#loadPage();
    else if (typeof older === 'object') void this.loadOlder();
  }

  async #loadPage(): Promise<void> {
    this.#leave();
    this.#loadingPage?.abort();
    this.#loadingOlder?.abort();
    this.#loadingOlder = undefined;
    const request = new AbortController();
    this.#loadingPage = request;
    this.store.setState({ loading: true, error: undefined, older: 'idle' });
    const answer = await this.#fetchPage({}, request.signal);
    if (!answer || request !== this.#loadingPage) return;
    this.#loadingPage = undefined;
    if (!answer.ok) return this.store.setState({ loading: false, error: answer.error });
    this.#show(answer.page);
  }

  #fetchPage(where: { before?: string }, signal: AbortSignal) {
    const query = filterToQuery(this.#filter);
    if (where.before !== undefined) query.set('before', where.before);
    query.set('limit', String(PAGE_ROWS));
    return fetchPage<HistoryPage>(this.#options.fetch, `/api/events?${query}`, signal);
  }

  #show(page: HistoryPage): void {
    this.#shown.clear();
    this.#pending.clear();
    this.#shown.append(page.events.map((event) => eventRow(event, this.#resets)));
    this.#cursor = page.head;
    this.#before = page.before;
    this.#torn = false;
    this.#caughtUp = 0;
    const older = page.before === null ? 'end' : 'idle';
    this.store.setState({
      rows: this.#shown.rows,
      following: true,
      unseen: 0,
      older,
      loading: false,
      error: undefined,
    });
    if (this.#attached) this.#join();
  }

  #prepend(page: HistoryPage): void {
    this.#before = page.before;
    const rows = page.events.map((event) => eventRow(event, this.#resets));
    if (this.store.getState().following) {
      // The newest rows must stay, so only as many older ones fit as the bound allows.
      const newest = this.#shown.rows;
      this.#shown.clear();
      this.#append(rows.concat(newest));
    } else if (this.#shown.prepend(rows) > 0) this.#torn = true;
    const end = page.before === null && this.#shown.rows[0] === (rows[0] ?? this.#shown.rows[0]);
    this.store.setState({ rows: this.#shown.rows, older: end ? 'end' : 'idle' });
  }

  #join(): void {
    if (this.#closeView || this.store.getState().loading || this.store.getState().error !== undefined) return;
    const { openView } = this.#options;
    this.#closeView = openView({ filter: this.#filter, cursor: this.#cursor, onBatch: (batch) => this.#take(batch) });
  }

  #leave(): void {
    this.#closeView?.();
    this.#closeView = undefined;
  }

  #take(batch: ViewBatch): void {
    this.#cursor = batch.toCursor;
    const rows: LogRow[] = [];
    for (const notice of batch.notices) {
      if (notice.kind === 'reset') this.#resets += 1;
      this.#markers += 1;
      const row = markerRow(notice, this.#caughtUp, `marker-${this.#markers}`);
      if (row) rows.push(row);
      if (notice.kind === 'caught-up') this.#caughtUp = 0;
    }
    if (batch.replay) this.#caughtUp += batch.events.length;
    for (const event of batch.events) rows.push(eventRow(event, this.#resets));
    if (rows.length === 0) return;
    if (this.store.getState().following) {
      this.#append(rows);
      this.store.setState({ rows: this.#shown.rows });
    } else {
      if (this.#pending.append(rows) > 0) this.#torn = true;
      this.store.setState({ unseen: this.store.getState().unseen + batch.events.length });
    }
  }

  #append(rows: readonly LogRow[]): void {
    // History has what no longer fits.
    if (this.#shown.append(rows) > 0 && this.store.getState().older === 'end') this.store.setState({ older: 'idle' });
  }

  /** What is shown does not reach the newest rows any more: these take its place. */
  #replaceShown(): void {
    this.#shown.clear();
    this.#append(this.#pending.rows);
    this.#torn = false;
    this.store.setState({ older: 'idle' });
  }
}
