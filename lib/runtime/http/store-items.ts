import { createHash } from 'node:crypto';
import type { SourceEvent } from '@/lib/core/source.ts';
import { Refused } from '@/lib/ingest/http-protocol.ts';
import type { Reception } from '../reception.ts';

/** A body may be full of what is no event: after so many the event loop gets a turn. */
const REFUSED_PER_TURN = 1000;

/** How a repeat of what is stored is recognised. */
export type ItemsName = {
  /** As the sender names it. */
  readonly key?: string | undefined;
  /** Or by its own bytes, under the protocol's name; undefined: not at all. */
  readonly body?: Uint8Array | undefined;
  readonly protocol: string;
};

/** What a reader makes of one body, into the journal; resolves when all that was valid is durable, or held. */
export async function storeItems(
  reception: Reception,
  read: Iterable<SourceEvent | Refused>,
  name: ItemsName,
): Promise<void> {
  const items = read[Symbol.iterator]();
  let next = items.next();
  const intake = reception.intake({ ...nameOf(name, next.value), cutsLong: true });
  try {
    for (; !next.done; next = items.next()) {
      if (next.value instanceof Refused) {
        intake.refuse(next.value.says, next.value.count);
        if (reception.tally.rejected % REFUSED_PER_TURN === 0) await new Promise((resolve) => setImmediate(resolve));
        continue;
      }
      const wait = intake.take(next.value);
      // Only where there is something to wait for, see `take`.
      if (wait) await wait;
    }
    await intake.flush();
  } finally {
    await intake.settle();
  }
  await intake.finish();
}

/** A body whose first event has no time of its own may well be meant twice. */
function nameOf(
  { key, body, protocol }: ItemsName,
  first: SourceEvent | Refused | undefined,
): { idempotencyKey?: string; bodyDigest?: string } {
  if (key) return { idempotencyKey: key };
  const isTimed = first instanceof Refused || first?.time !== undefined;
  if (!body || !isTimed) return {};
  const bodyDigest = createHash('sha256').update(body).digest('base64url');
  return { idempotencyKey: `${protocol}:${bodyDigest}`, bodyDigest };
}
