import { createHash } from 'node:crypto';
import { markOf } from '@/lib/ingest/begun-bodies.ts';
import type { EventIntake } from '@/lib/ingest/event-intake.ts';
import { type Found, NotKept, Refused } from '@/lib/ingest/http-protocol.ts';
import type { Sender } from '@/lib/ingest/sender.ts';
import type { Reception } from '../reception.ts';

/** How a repeat of what is stored is recognised. */
export type ItemsName = {
  readonly protocol: string;
  /** As the sender names it. */
  readonly key?: string | undefined;
  /** Or by its own bytes, under the protocol's name; undefined: not at all. */
  readonly body?: Uint8Array | undefined;
  /** Together with who has sent it: two machines may well say the same. */
  readonly origin?: string;
  /**
   * Whether its bytes tell a repeat from the same thing said twice: always, or when its first event has a time. Absent: never,
   * and only what broke off is known again.
   */
  readonly repeats?: 'certainly' | 'when-timed';
};

/** What a reader makes of one body, into the journal; resolves when all that was valid is durable, or held. */
export async function storeItems(reception: Reception, read: Iterable<Found>, name: ItemsName): Promise<void> {
  const items = read[Symbol.iterator]();
  let next = items.next();
  const intake = reception.intake({ ...nameOf(name, next.value, reception.sender), cutsLong: true });
  if (name.body) intake.resume(markOf(name.body, name.origin));
  await intake.takeAll(async () => {
    for (; !next.done; next = items.next()) {
      // Only where there is something to wait for, see `take`.
      const wait = takeInto(intake, next.value);
      if (wait) await wait;
    }
  });
}

function takeInto(intake: EventIntake, item: Found): Promise<void> | undefined {
  if (item instanceof Refused) return intake.refuse(item.says, item.count);
  return item instanceof NotKept ? intake.leave(item.count) : intake.take(item);
}

/** A body whose first event has no time of its own may well be meant twice. */
function nameOf(
  { key, body, protocol, origin = '', repeats }: ItemsName,
  first: Found | undefined,
  { id }: Sender,
): { idempotencyKey?: string; bodyDigest?: string } {
  if (key) return { idempotencyKey: key };
  const isTimed =
    repeats === 'certainly' || first instanceof Refused || first instanceof NotKept || first?.time !== undefined;
  if (!body || !repeats || !isTimed) return {};
  const bodyDigest = createHash('sha256')
    .update(JSON.stringify([id.address, id.credential, origin]))
    .update(body)
    .digest('base64url');
  return { idempotencyKey: `${protocol}:${bodyDigest}`, bodyDigest };
}
