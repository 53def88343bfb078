import { randomId } from '@/lib/core/position.ts';
import type { PrismaClient } from '@/prisma/generated/client.ts';
import type { Opened, OpenOptions } from './history-port.ts';

/** The journal's epoch and where it comes from; begins the first one, and a new one when positions of the last were lost. */
export async function readEpoch(
  prisma: PrismaClient,
  headSeq: number,
  lostEpoch: OpenOptions['lostEpoch'],
): Promise<Pick<Opened, 'epoch' | 'parent'>> {
  const journal = await prisma.journal.findUnique({ where: { id: 1 } });
  if (!journal) {
    const created = await prisma.journal.create({
      data: { id: 1, epoch: randomId(), createdMs: BigInt(Date.now()) },
    });
    return { epoch: created.epoch };
  }
  const { epoch, parentEpoch, parentSeq } = journal;
  if (lostEpoch === epoch || lostEpoch === '*') {
    const renewed = randomId();
    await prisma.$executeRawUnsafe(
      'UPDATE "Journal" SET parentEpoch = epoch, parentSeq = ?1, epoch = ?2 WHERE id = 1',
      BigInt(headSeq),
      renewed,
    );
    return { epoch: renewed, parent: { epoch, seq: headSeq } };
  }
  if (parentEpoch === null || parentSeq === null) return { epoch };
  return { epoch, parent: { epoch: parentEpoch, seq: Number(parentSeq) } };
}
