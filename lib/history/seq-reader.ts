import type { PrismaClient } from '@/prisma/generated/client.ts';
import type { Bounds } from './history-port.ts';
import { stopPoint } from './stop-point.ts';

/** How far a sender's clock may run ahead of the journal's before a search by time could begin too late. */
const SKEW_MS = 60_000;
const WINDOW_ROWS = 20_000;

/** The seqs kept now: two look-ups at the ends of the primary key. */
export async function readBounds(prisma: PrismaClient): Promise<Bounds> {
  const [row] = await prisma.$queryRawUnsafe<{ oldest: number | null; head: number | null }[]>(
    'SELECT CAST((SELECT min(seq) FROM "Event") AS REAL) AS oldest, CAST((SELECT max(seq) FROM "Event") AS REAL) AS head',
  );
  return { oldestSeq: row?.oldest ?? 1, headSeq: row?.head ?? 0 };
}

/**
 * The first seq whose event is not older than `timeMs`, or headSeq + 1. Arrival never goes back, so bisection over the
 * primary key finds where to begin (less what clocks may differ), and a scan from there finds the event: nobody pays
 * for an index on time at every insert.
 */
export async function readSeqAtTime(prisma: PrismaClient, timeMs: number, signal?: AbortSignal): Promise<number> {
  const bounds = await readBounds(prisma);
  let from = await readSeqReceivedAt(prisma, bounds, timeMs - SKEW_MS);
  while (from <= bounds.headSeq) {
    const [row] = await prisma.$queryRawUnsafe<{ seq: number | null }[]>(
      `SELECT CAST(min(seq) AS REAL) AS seq FROM (
         SELECT seq FROM "Event" WHERE seq >= ? AND seq < ? AND timeMs >= ? ORDER BY seq LIMIT 1)`,
      BigInt(from),
      BigInt(from + WINDOW_ROWS),
      BigInt(Math.ceil(timeMs)),
    );
    if (row && row.seq !== null) return row.seq;
    from += WINDOW_ROWS;
    await stopPoint(signal);
  }
  return bounds.headSeq + 1;
}

/** The first seq received at or after `receivedMs`, or headSeq + 1. */
export async function readSeqReceivedAt(prisma: PrismaClient, bounds: Bounds, receivedMs: number): Promise<number> {
  let low = bounds.oldestSeq;
  let high = bounds.headSeq + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const ms = await readReceivedMs(prisma, middle);
    if (ms !== undefined && ms >= receivedMs) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** When an event was committed; undefined when it is not kept. */
export async function readReceivedMs(prisma: PrismaClient, seq: number): Promise<number | undefined> {
  const [row] = await prisma.$queryRawUnsafe<{ ms: number }[]>(
    'SELECT CAST(receivedMs AS REAL) AS ms FROM "Event" WHERE seq = ?',
    BigInt(seq),
  );
  return row?.ms;
}
