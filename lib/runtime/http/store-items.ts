import { createHash } from 'node:crypto';
import type { EventIntake } from '@/lib/ingest/event-intake.ts';
import { type Found, NotKept, Refused } from '@/lib/ingest/http-protocol.ts';
import type { Sender } from '@/lib/ingest/sender.ts';
import type { Reception } from '../reception.ts';

/** How a repeat of what is stored is recognised. */
export type ItemsName = {
  /** As the sender names it. */
  readonly key?: string | undefined;
  /** Or by its own bytes, under the protocol's name; undefined: not at all. */
  readonly body?: Uint8Array | undefined;
  /** Together with who has sent it: two machines may well say the same. */
  readonly origin?: string;
  /** The body carries what tells a repeat; absent: a time of its first event is needed. */
  readonly isCertain?: boolean;
  readonly protocol: string;
};

/** What a reader makes of one body, into the journal; resolves when all that was valid is durable, or held. */
export async function storeItems(reception: Reception, read: Iterable<Found>, name: ItemsName): Promise<void> {
  const items = read[Symbol.iterator]();
  let next = items.next();
  const intake = reception.intake({ ...nameOf(name, next.value, reception.sender), cutsLong: true });
  try {
    for (; !next.done; next = items.next()) {
      // Only where there is something to wait for, see `take`.
      const wait = takeInto(intake, next.value);
      if (wait) await wait;
    }
    await intake.flush();
  } finally {
    await intake.settle();
  }
  await intake.finish();
}

function takeInto(intake: EventIntake, item: Found): Promise<void> | undefined {
  if (item instanceof Refused) return intake.refuse(item.says, item.count);
  return item instanceof NotKept ? intake.leave(item.count) : intake.take(item);
}

/** A body whose first event has no time of its own may well be meant twice. */
function nameOf(
  { key, body, protocol, origin = '', isCertain }: ItemsName,
  first: Found | undefined,
  { id }: Sender,
): { idempotencyKey?: string; bodyDigest?: string } {
  if (key) return { idempotencyKey: key };
  const isTimed = isCertain || first instanceof Refused || first instanceof NotKept || first?.time !== undefined;
  if (!body || !isTimed) return {};
  const bodyDigest = createHash('sha256')
    .update(JSON.stringify([id.address, id.credential, origin]))
    .update(body)
    .digest('base64url');
  return { idempotencyKey: `${protocol}:${bodyDigest}`, bodyDigest };
}
