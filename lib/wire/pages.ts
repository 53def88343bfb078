import type { PlacedEvent } from '@/lib/core/event.ts';

/** Answer of `GET /api/events`: events in journal order. */
export type HistoryPage = {
  events: PlacedEvent[];
  /** The journal's head when the page was read; a stream started `from` it continues this page when it was the newest. */
  head: string;
  /** Pass as `before` for the next older page; null when nothing older is kept. */
  before: string | null;
  /** Pass as `after` for the next newer page. */
  after: string;
};

/** One bucket of a series: start in ms since 1970, mean, minimum, maximum, last value, number of samples. */
export type MetricPoint = [timeMs: number, mean: number, min: number, max: number, last: number, count: number];

export type MetricSeries = {
  service: string;
  name: string;
  unit: string;
  type: 'gauge' | 'counter';
  /** The attributes as JSON with sorted keys, '' when there are none; with service and name it names the series. */
  labels: string;
  points: MetricPoint[];
};

/** Answer of `GET /api/metrics/query`: samples of events after `position` are not in it; the live stream brings them. */
export type MetricPage = {
  fromMs: number;
  toMs: number;
  stepMs: number;
  position: string;
  series: MetricSeries[];
  /** Series that exist but were not returned, because one answer holds at most `SERIES_PER_PAGE_MAX`. */
  omitted: number;
};

/**
 * Body of the answer to `POST /api/events`. `durable` is false, and the status 202, when some of what was accepted is held
 * in memory because the history is away: it is delivered, and stored later, unless the server ends before that.
 */
export type IngestAnswer = {
  durable?: false;
  accepted: number;
  rejected: number;
  first: string | null;
  last: string | null;
  errors: { line: number; error: string }[];
};
