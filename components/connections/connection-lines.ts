import { lineColour } from '@/components/logs/service-colour.ts';
import type { LineData } from '@/components/metrics/chart-data.ts';
import { TRANSPORT_WORDS } from '@/lib/client/transport-words.ts';
import { CLOSE_REASONS } from '@/lib/core/close-reason.ts';
import type { ConnectionSample } from '@/lib/wire/connection-pages.ts';
import { reasonWord, STATE_COLOURS } from './state-looks.ts';

/** A quarter of an hour, one sample a second: what the server keeps as well. */
export const SAMPLES_MAX = 900;
/** Points of a line: more cannot be told apart in a small chart, and would be drawn again every second. */
const POINTS_MAX = 300;
const SECOND_MS = 1000;
const SPANS_MS = [60_000, 300_000, 900_000] as const;

export type ChartLine = { readonly name: string; readonly colour: string; readonly data: LineData };

/** The samples kept and the new ones, in time order; `isFirst` frames bring the whole history and replace it. */
export function addSamples(
  before: readonly ConnectionSample[],
  added: readonly ConnectionSample[],
  isFirst: boolean,
): readonly ConnectionSample[] {
  const lastMs = isFirst ? Number.NEGATIVE_INFINITY : (before.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY);
  const fresh = added.filter(({ atMs }) => atMs > lastMs);
  return [...(isFirst ? [] : before), ...fresh].slice(-SAMPLES_MAX);
}

/** The shortest of a minute, five and fifteen that shows all samples: a fresh start would be a dot at the edge. */
export function chartSpanMs(samples: readonly ConnectionSample[], nowMs: number): number {
  const ageMs = nowMs - (samples[0]?.atMs ?? nowMs);
  return SPANS_MS.find((spanMs) => ageMs <= spanMs) ?? SPANS_MS[2];
}

type Fold = 'last' | 'mean' | 'max';

/**
 * One measure as a line of at most POINTS_MAX points, each for a step of whole seconds at a fixed place of the clock, so
 * that only the newest point changes from second to second.
 */
export function foldLine(
  samples: readonly ConnectionSample[],
  spanMs: number,
  fold: Fold,
  measure: (sample: ConnectionSample) => number,
): LineData {
  const stepMs = Math.ceil(spanMs / POINTS_MAX / SECOND_MS) * SECOND_MS;
  const points: { timeMs: number; value: number; min: number; max: number; count: number }[] = [];
  for (const sample of samples) {
    const timeMs = Math.floor(sample.atMs / stepMs) * stepMs;
    const value = measure(sample);
    const point = points.at(-1);
    if (point?.timeMs !== timeMs) {
      points.push({ timeMs, value, min: value, max: value, count: 1 });
      continue;
    }
    point.count += 1;
    if (fold === 'last') point.value = value;
    else if (fold === 'max') point.value = Math.max(point.value, value);
    else point.value += (value - point.value) / point.count;
    point.min = point.max = point.value;
  }
  return { points, cadenceMs: stepMs };
}

/** Lines of those keys that were ever more than zero; `always` is drawn even so, for a chart must say zero too. */
function keyedLines(
  samples: readonly ConnectionSample[],
  spanMs: number,
  fold: Fold,
  keys: readonly { key: string; name: string; colour: string; always?: boolean }[],
  recordOf: (sample: ConnectionSample) => Readonly<Record<string, number>>,
): ChartLine[] {
  return keys
    .filter(({ key, always }) => always || samples.some((sample) => (recordOf(sample)[key] ?? 0) > 0))
    .map(({ key, name, colour }) => {
      return { name, colour, data: foldLine(samples, spanMs, fold, (sample) => recordOf(sample)[key] ?? 0) };
    });
}

const STATES = Object.entries(STATE_COLOURS)
  .filter(([key]) => key !== 'closed')
  .map(([key, colour]) => ({ key, name: key, colour, always: key === 'live' }));

export function stateLines(samples: readonly ConnectionSample[], spanMs: number): ChartLine[] {
  return keyedLines(samples, spanMs, 'last', STATES, ({ states }) => states);
}

const TRANSPORTS = Object.entries(TRANSPORT_WORDS).map(([key, name], index) => {
  return { key, name, colour: lineColour(index), always: key === 'sse' };
});

export function transportLines(samples: readonly ConnectionSample[], spanMs: number): ChartLine[] {
  return keyedLines(samples, spanMs, 'last', TRANSPORTS, ({ transports }) => transports);
}

const TURNOVER = [
  { key: 'opened', name: 'opened', colour: 'var(--good)', always: true },
  { key: 'refused', name: 'refused', colour: 'var(--bad)' },
  ...Object.keys(CLOSE_REASONS).map((key, index) => {
    return { key, name: `closed: ${reasonWord(key)}`, colour: lineColour(index + 1) };
  }),
];

/** Opens, refusals and closes by their reason, a second. */
export function turnoverLines(samples: readonly ConnectionSample[], spanMs: number): ChartLine[] {
  return keyedLines(samples, spanMs, 'mean', TURNOVER, ({ opened, refused, closed }) => {
    return { ...closed, opened, refused };
  });
}

/** The worst of each step: a mean would hide the second that hurt. */
export function lagLines(samples: readonly ConnectionSample[], spanMs: number): ChartLine[] {
  return [
    { name: 'p50', colour: 'var(--good)', data: foldLine(samples, spanMs, 'max', ({ lagP50Ms }) => lagP50Ms) },
    { name: 'p95', colour: 'var(--warn)', data: foldLine(samples, spanMs, 'max', ({ lagP95Ms }) => lagP95Ms) },
    { name: 'p99', colour: 'var(--bad)', data: foldLine(samples, spanMs, 'max', ({ lagP99Ms }) => lagP99Ms) },
  ];
}
