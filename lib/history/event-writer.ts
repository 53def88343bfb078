import type { PrismaClient } from '@/prisma/generated/client.ts';
import type { Batch } from './history-port.ts';
import { ROLLUP_STEPS_MS, rollUp } from './roll-up.ts';

const INSERT_EVENTS = `INSERT INTO "Event" (seq, receivedMs, timeMs, kind, rank, service, seriesId, value, body)
  SELECT value->>0, ?2, value->>1, value->>2, value->>3, value->>4, value->>5, value->>6,
    CAST(substr(?3, value->>7, value->>8) AS TEXT) FROM json_each(?1)`;

const INSERT_SERIES = `INSERT INTO "Series" (id, service, name, labels, type, unit, createdMs)
  SELECT value->>'id', value->>'service', value->>'name', value->>'labels', value->>'type', value->>'unit', ?2
  FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`;

/**
 * Each bucket of the finest width goes into one of each width. Taking the JSON apart is half of the work: done once, not
 * once a width.
 */
const MERGE_ROLLUPS = `WITH step(ms) AS (VALUES ${ROLLUP_STEPS_MS.map((ms) => `(${ms})`).join(', ')}),
  fine AS MATERIALIZED (SELECT value->>0 AS seriesId, value->>1 AS bucketMs, value->>2 AS count, value->>3 AS sum,
    value->>4 AS min, value->>5 AS max, value->>6 AS last, value->>7 AS lastMs FROM json_each(?1))
  INSERT INTO "Rollup" (stepMs, seriesId, bucketMs, count, sum, min, max, last, lastMs)
  SELECT ms, seriesId, bucketMs - (bucketMs % ms + ms) % ms, fine.count, fine.sum, fine.min, fine.max, last, lastMs
  FROM step CROSS JOIN fine WHERE true
  ON CONFLICT (stepMs, seriesId, bucketMs) DO UPDATE SET
    count = count + excluded.count,
    sum = sum + excluded.sum,
    min = min(min, excluded.min),
    max = max(max, excluded.max),
    last = CASE WHEN excluded.lastMs >= lastMs THEN excluded.last ELSE last END,
    lastMs = max(lastMs, excluded.lastMs)`;

const INSERT_RECEIPTS = `INSERT INTO "Receipt" (key, digest, firstSeq, lastSeq, createdMs)
  SELECT value->>'key', value->>'digest', value->>'firstSeq', value->>'lastSeq', ?2 FROM json_each(?1)`;

/**
 * Stores one batch in one transaction: events, series, roll-ups and receipts, so that a crash leaves all or none and a
 * roll-up never counts a sample twice. A batch of only logs is a single statement, its own transaction.
 */
export async function writeBatch(prisma: PrismaClient, batch: Batch): Promise<void> {
  const receivedMs = BigInt(batch.receivedMs);
  const onlyEvents = batch.samples.length === 0 && batch.receipts.length === 0;
  if (onlyEvents) {
    await prisma.$executeRawUnsafe(INSERT_EVENTS, batch.rowsJson, receivedMs, batch.bodies);
    return;
  }
  await prisma.$executeRawUnsafe('BEGIN IMMEDIATE');
  try {
    if (batch.series.length > 0) {
      await prisma.$executeRawUnsafe(INSERT_SERIES, JSON.stringify(batch.series), receivedMs);
    }
    await prisma.$executeRawUnsafe(INSERT_EVENTS, batch.rowsJson, receivedMs, batch.bodies);
    if (batch.samples.length > 0) {
      await prisma.$executeRawUnsafe(MERGE_ROLLUPS, JSON.stringify(rollUp(batch.samples)));
    }
    if (batch.receipts.length > 0) {
      await prisma.$executeRawUnsafe(INSERT_RECEIPTS, JSON.stringify(batch.receipts), receivedMs);
    }
    await prisma.$executeRawUnsafe('COMMIT');
  } catch (error) {
    await prisma.$executeRawUnsafe('ROLLBACK').catch(() => undefined);
    throw error;
  }
}
