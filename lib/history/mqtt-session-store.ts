import type { PrismaClient } from '@/prisma/generated/client.ts';
import type { MqttSessionChanges, MqttSessionRow } from './history-port.ts';

const SAVE = `INSERT INTO "MqttSession" ("key", subscriptions, epoch, seq, sentSeq, packetId, seenMs, expiresMs)
  SELECT value->>'key', value->>'subscriptions', value->>'epoch', value->>'seq', value->>'sentSeq',
    value->>'packetId', value->>'seenMs', value->>'expiresMs' FROM json_each(?1) WHERE true
  ON CONFLICT ("key") DO UPDATE SET
    subscriptions = excluded.subscriptions,
    epoch = excluded.epoch,
    seq = excluded.seq,
    sentSeq = excluded.sentSeq,
    packetId = excluded.packetId,
    seenMs = excluded.seenMs,
    expiresMs = excluded.expiresMs`;

const FORGET = `DELETE FROM "MqttSession" WHERE expiresMs <= ?1
  OR "key" IN (SELECT value FROM json_each(?2))
  OR "key" IN (SELECT "key" FROM "MqttSession" ORDER BY seenMs DESC LIMIT -1 OFFSET ?3)`;

/** Saves some and forgets others in one transaction. */
export async function saveMqttSessions(prisma: PrismaClient, changes: MqttSessionChanges): Promise<void> {
  const { saved, removed, nowMs, keptMax } = changes;
  await prisma.$executeRawUnsafe('BEGIN IMMEDIATE');
  try {
    if (saved.length > 0) await prisma.$executeRawUnsafe(SAVE, JSON.stringify(saved));
    await prisma.$executeRawUnsafe(FORGET, BigInt(nowMs), JSON.stringify(removed), keptMax);
    await prisma.$executeRawUnsafe('COMMIT');
  } catch (error) {
    await prisma.$executeRawUnsafe('ROLLBACK').catch(() => undefined);
    throw error;
  }
}

export async function readMqttSession(prisma: PrismaClient, key: string): Promise<MqttSessionRow | undefined> {
  const row = await prisma.mqttSession.findUnique({ where: { key } });
  if (!row) return undefined;
  const { seq, sentSeq, seenMs, expiresMs } = row;
  const [from, sent, seen, expires] = [seq, sentSeq, seenMs, expiresMs].map(Number) as [number, number, number, number];
  return { ...row, seq: from, sentSeq: sent, seenMs: seen, expiresMs: expires };
}
