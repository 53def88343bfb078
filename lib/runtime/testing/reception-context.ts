import { BegunBodies } from '@/lib/ingest/begun-bodies.ts';
import { IngestQuota } from '@/lib/ingest/ingest-quota.ts';
import type { EventSink } from '@/lib/ingest/named-appends.ts';
import { SenderBook } from '@/lib/ingest/sender-book.ts';
import { trustProxies } from '../http/client-address.ts';
import { IngestTotals } from '../ingest-totals.ts';
import { createLogger } from '../logger.ts';
import type { ReceptionContext } from '../reception.ts';
import { makeAccess } from './make-access.ts';

/** What a reception needs, with a sink of the test's own. */
export function receptionContext(ingestSink: EventSink, perSecondMax = 1_000_000): ReceptionContext {
  return {
    access: makeAccess({ TAILRACE_ACCESS: 'open' }),
    begunBodies: new BegunBodies(Date.now),
    ingestQuota: new IngestQuota(perSecondMax, Date.now),
    ingestSink,
    ingestTotals: new IngestTotals(),
    senders: new SenderBook(Date.now),
    trustedProxies: trustProxies([]),
    log: createLogger('silent', { write: () => undefined }),
  };
}
