import type { PrismaClient } from '@/prisma/generated/client.ts';
import type { RetentionLimits, RetentionResult } from './history-port.ts';
import { ROLLUP_KEPT_MS, ROLLUP_STEPS_MS } from './roll-up.ts';
import { readBounds, readSeqReceivedAt } from './seq-reader.ts';

/** Small enough that an append waits a few milliseconds at most. */
const SLICE_ROWS = 2000;
const VACUUM_PAGES = 512;
const DAY_MS = 86_400_000;

const RECEIPT_KEPT_MS = DAY_MS;

/**
 * One slice of clean-up: the oldest events beyond the age or the size, expired roll-ups and receipts, and some pages
 * back to the file system. The newest event always stays, since the head of the journal is read from it.
 */
export async function retainSlice(
  prisma: PrismaClient,
  limits: RetentionLimits,
  nowMs: number,
  vacuum: (pages: number) => Promise<void>,
): Promise<RetentionResult> {
  const { oldestSeq, headSeq } = await readBounds(prisma);
  const expiredBefore = await readSeqReceivedAt(prisma, { oldestSeq, headSeq }, nowMs - limits.ageMs);
  const tooLarge = (await usedBytes(prisma)) > limits.bytesMax;
  const wantedEnd = tooLarge ? headSeq : Math.min(expiredBefore, headSeq);
  const end = Math.min(wantedEnd, oldestSeq + SLICE_ROWS);
  const removed = end > oldestSeq ? await removeBefore(prisma, end) : 0;
  await expireDerived(prisma, nowMs);
  await vacuum(VACUUM_PAGES);
  return { removed, bytes: await usedBytes(prisma), oldestSeq: Math.max(oldestSeq, end) };
}

function removeBefore(prisma: PrismaClient, seq: number): Promise<number> {
  return prisma.$executeRawUnsafe('DELETE FROM "Event" WHERE seq < ?', BigInt(seq));
}

/** Pages in use, not the file's size: free pages are reused before the file grows. */
async function usedBytes(prisma: PrismaClient): Promise<number> {
  const [row] = await prisma.$queryRawUnsafe<{ bytes: number }[]>(
    `SELECT CAST((p.page_count - f.freelist_count) * s.page_size AS REAL) AS bytes
     FROM pragma_page_count AS p, pragma_freelist_count AS f, pragma_page_size AS s`,
  );
  return row?.bytes ?? 0;
}

async function expireDerived(prisma: PrismaClient, nowMs: number): Promise<void> {
  for (const stepMs of ROLLUP_STEPS_MS) {
    await prisma.$executeRawUnsafe(
      'DELETE FROM "Rollup" WHERE stepMs = ? AND seriesId IN (SELECT id FROM "Series") AND bucketMs < ?',
      stepMs,
      BigInt(nowMs - ROLLUP_KEPT_MS[stepMs]),
    );
  }
  await prisma.$executeRawUnsafe('DELETE FROM "Receipt" WHERE createdMs < ?', BigInt(nowMs - RECEIPT_KEPT_MS));
}
