import type { Metadata } from 'next';
import type { PlacedLog } from '@/components/logs/log-detail.tsx';
import { LogScreen } from '@/components/logs/log-screen.tsx';
import { filterFromAddress, toQuery } from '@/components/logs/log-url.ts';
import { formatPosition, parsePosition } from '@/lib/core/position.ts';
import { readsOf } from '@/lib/runtime/access/limited-reads.ts';
import type { ReadSide } from '@/lib/runtime/read-side.ts';
import type { Runtime } from '@/lib/runtime/runtime.ts';
import { guardedPage } from '../guarded-page.tsx';
import { senderPlaceOf } from '../sender-place.ts';

export const metadata: Metadata = { title: 'Logs' };

const PAGE_ROWS = 500;

export default guardedPage('view', async ({ app, principal, searchParams }) => {
  const query = toQuery(await searchParams);
  const reads = readsOf(app, principal);
  const [page, linked] = await Promise.all([
    reads.readEvents({ filter: filterFromAddress(query), limit: PAGE_ROWS }),
    readLinked(app, reads, query.get('at')),
  ]);
  return <LogScreen page={page} services={reads.services()} linked={linked} place={await senderPlaceOf(app)} />;
});

/** The line that a link names, if it is still kept. */
async function readLinked(app: Runtime, reads: ReadSide, at: string | null): Promise<PlacedLog | undefined> {
  const position = at === null ? undefined : parsePosition(at);
  if (!position || position.epoch !== app.journal.epoch) return undefined;
  const before = formatPosition(position.epoch, position.seq + 1);
  // A line that cannot be looked up now is no reason to show none.
  const found = await reads.readEvents({ filter: { kind: 'log' }, before, limit: 1 }).catch(() => undefined);
  const event = found?.events[0];
  return event?.kind === 'log' && event.position === at ? event : undefined;
}
