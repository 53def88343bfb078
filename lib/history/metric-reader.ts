import type { MetricPage, MetricPoint, MetricSeries } from '@/lib/wire/pages.ts';
import type { PrismaClient } from '@/prisma/generated/client.ts';
import type { MetricQuery, SeriesRow } from './history-port.ts';
import { ROLLUP_KEPT_MS, ROLLUP_STEPS_MS } from './roll-up.ts';
import { readBounds, readReceivedMs, readSeqReceivedAt } from './seq-reader.ts';
import { toSeriesRow } from './series-row.ts';
import { stopPoint } from './stop-point.ts';

/** One answer draws so many series at most; the rest are counted, not silently left out. */
export const SERIES_PER_PAGE_MAX = 400;
const WIDTH_MAX = 2000;
/** Round widths of a bucket; from 10 s up each is a multiple of a roll-up's width. */
const STEPS_MS = [
  1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_200_000, 1_800_000, 3_600_000,
  7_200_000, 14_400_000, 43_200_000, 86_400_000,
];
/** Late samples: an event may arrive so long after its own time and still be drawn from raw events. */
const LATE_MS = 60_000;

type Answer = Omit<MetricPage, 'position'> & { headSeq: number };
type PointRow = { id: number; t: number; n: number; sum: number; min: number; max: number; last: number };

/** The bucket width for a span and a number of points: never finer than asked, and never more than WIDTH_MAX points. */
export function chooseStepMs(spanMs: number, width: number): number {
  const wantedMs = spanMs / Math.min(Math.max(width, 1), WIDTH_MAX);
  return STEPS_MS.find((stepMs) => stepMs >= wantedMs) ?? Math.ceil(wantedMs / 86_400_000) * 86_400_000;
}

/** The finest step from the one asked for up whose samples or roll-ups are still kept where the window begins. */
function keptStepMs(query: MetricQuery, eventsFromMs: number, nowMs: number): number {
  const wantedMs = chooseStepMs(query.toMs - query.fromMs, query.width);
  if (wantedMs < ROLLUP_STEPS_MS[0] && query.fromMs >= eventsFromMs) return wantedMs;
  const ageMs = nowMs - query.fromMs;
  const baseMs = ROLLUP_STEPS_MS.find((stepMs) => ROLLUP_KEPT_MS[stepMs] >= ageMs) ?? ROLLUP_STEPS_MS[3];
  return Math.ceil(wantedMs / baseMs) * baseMs;
}

/** The widest roll-up whose buckets fill a step exactly. */
function baseOf(stepMs: number): number {
  return ROLLUP_STEPS_MS.findLast((baseMs) => stepMs % baseMs === 0) ?? ROLLUP_STEPS_MS[0];
}

/** One read transaction, so that `headSeq` and the points are of one moment and live samples join without a seam. */
export async function readMetrics(
  prisma: PrismaClient,
  query: MetricQuery,
  nowMs: number,
  signal?: AbortSignal,
): Promise<Answer> {
  await prisma.$executeRawUnsafe('BEGIN');
  try {
    const bounds = await readBounds(prisma);
    const eventsFromMs = bounds.oldestSeq > 1 ? await readReceivedMs(prisma, bounds.oldestSeq) : undefined;
    const stepMs = keptStepMs(query, eventsFromMs ?? Number.NEGATIVE_INFINITY, nowMs);
    const fromMs = Math.floor(query.fromMs / stepMs) * stepMs;
    const wanted = await readSeries(prisma, query);
    await stopPoint(signal);
    const rows =
      stepMs < ROLLUP_STEPS_MS[0]
        ? await readRaw(prisma, wanted, { fromMs, toMs: query.toMs, stepMs }, await rawFrom(prisma, bounds, fromMs))
        : await readRollups(prisma, wanted, { fromMs, toMs: query.toMs, stepMs });
    await stopPoint(signal);
    return { fromMs, toMs: query.toMs, stepMs, headSeq: bounds.headSeq, ...assemble(wanted, rows) };
  } finally {
    await prisma.$executeRawUnsafe('COMMIT');
  }
}

function rawFrom(prisma: PrismaClient, bounds: { oldestSeq: number; headSeq: number }, fromMs: number) {
  return readSeqReceivedAt(prisma, bounds, fromMs - LATE_MS);
}

async function readSeries(prisma: PrismaClient, query: MetricQuery): Promise<SeriesRow[]> {
  const rows = await prisma.series.findMany({
    where: {
      ...(query.services?.length && { service: { in: [...query.services] } }),
      ...(query.name && { name: query.name }),
    },
    orderBy: [{ service: 'asc' }, { name: 'asc' }, { id: 'asc' }],
  });
  return rows.map(toSeriesRow);
}

type Window = { fromMs: number; toMs: number; stepMs: number };

/** The last value of a bucket is that of the latest time, then of the latest arrival: one number orders by both. */
const SEQ_MASK = 2n ** 49n - 1n;

/** Start of the bucket of width ?1; SQLite's division rounds towards zero, which is up before 1970. */
function bucketOf(column: string): string {
  return `(${column} - ((${column} % ?1) + ?1) % ?1)`;
}

/** Under 10 s a bucket the events themselves are read, through the index that only metrics have. */
async function readRaw(
  prisma: PrismaClient,
  series: SeriesRow[],
  window: Window,
  fromSeq: number,
): Promise<PointRow[]> {
  return prisma.$queryRawUnsafe<PointRow[]>(
    `SELECT id, t, n, sum, min, max, (SELECT value FROM "Event" WHERE seq = lastKey & ${SEQ_MASK}) AS last FROM (
       SELECT e.seriesId AS id, CAST(${bucketOf('e.timeMs')} AS REAL) AS t, CAST(count(*) AS REAL) AS n,
              sum(e.value) AS sum, min(e.value) AS min, max(e.value) AS max,
              max((e.timeMs - ${bucketOf('e.timeMs')}) * ${SEQ_MASK + 1n} + e.seq) AS lastKey
       FROM json_each(?2) AS s JOIN "Event" AS e ON e.seriesId = s.value AND e.seq >= ?3
       WHERE e.timeMs >= ?4 AND e.timeMs < ?5 GROUP BY 1, 2) ORDER BY 1, 2`,
    BigInt(window.stepMs),
    JSON.stringify(series.map((row) => row.id)),
    BigInt(fromSeq),
    BigInt(window.fromMs),
    BigInt(Math.ceil(window.toMs)),
  );
}

async function readRollups(prisma: PrismaClient, series: SeriesRow[], window: Window): Promise<PointRow[]> {
  return prisma.$queryRawUnsafe<PointRow[]>(
    `SELECT id, t, n, sum, min, max,
            (SELECT last FROM "Rollup" WHERE stepMs = ?3 AND seriesId = id AND bucketMs = lastBucket) AS last FROM (
       SELECT r.seriesId AS id, CAST(${bucketOf('r.bucketMs')} AS REAL) AS t, CAST(sum(r.count) AS REAL) AS n,
              sum(r.sum) AS sum, min(r.min) AS min, max(r.max) AS max, max(r.bucketMs) AS lastBucket
       FROM json_each(?2) AS s JOIN "Rollup" AS r ON r.stepMs = ?3 AND r.seriesId = s.value
       WHERE r.bucketMs >= ?4 AND r.bucketMs < ?5 GROUP BY 1, 2) ORDER BY 1, 2`,
    BigInt(window.stepMs),
    JSON.stringify(series.map((row) => row.id)),
    baseOf(window.stepMs),
    BigInt(window.fromMs),
    BigInt(Math.ceil(window.toMs)),
  );
}

function assemble(series: SeriesRow[], rows: PointRow[]): { series: MetricSeries[]; omitted: number } {
  const points = new Map<number, MetricPoint[]>();
  for (const row of rows) {
    const point: MetricPoint = [row.t, row.sum / row.n, row.min, row.max, row.last, row.n];
    const list = points.get(row.id);
    if (list) list.push(point);
    else points.set(row.id, [point]);
  }
  const alive = series.filter((row) => points.has(row.id));
  const drawn = alive.slice(0, SERIES_PER_PAGE_MAX).map(({ id, service, name, unit, type, labels }) => ({
    service,
    name,
    unit,
    type,
    labels,
    points: points.get(id) ?? [],
  }));
  return { series: drawn, omitted: alive.length - drawn.length };
}
