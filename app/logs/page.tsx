import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { connection } from 'next/server';
import type { PlacedLog } from '@/components/logs/log-detail.tsx';
import { LogScreen } from '@/components/logs/log-screen.tsx';
import { filterFromAddress, toQuery } from '@/components/logs/log-url.ts';
import { formatPosition, parsePosition } from '@/lib/core/position.ts';
import { getRuntime, type Runtime } from '@/lib/runtime/runtime.ts';

export const metadata: Metadata = { title: 'Logs' };

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

const PAGE_ROWS = 500;

export default async function LogsPage({ searchParams }: Props) {
  await connection();
  const query = toQuery(await searchParams);
  const runtime = await getRuntime();
  const [page, linked] = await Promise.all([
    runtime.readEvents({ filter: filterFromAddress(query), limit: PAGE_ROWS }),
    readLinked(runtime, query.get('at')),
  ]);
  return <LogScreen page={page} services={runtime.services()} linked={linked} publicUrl={await originOf()} />;
}

/** The line that a link names, if it is still kept. */
async function readLinked(runtime: Runtime, at: string | null): Promise<PlacedLog | undefined> {
  const position = at === null ? undefined : parsePosition(at);
  if (!position || position.epoch !== runtime.journal.epoch) return undefined;
  const before = formatPosition(position.epoch, position.seq + 1);
  // A line that cannot be looked up now is no reason to show none.
  const found = await runtime.readEvents({ filter: { kind: 'log' }, before, limit: 1 }).catch(() => undefined);
  const event = found?.events[0];
  return event?.kind === 'log' && event.position === at ? event : undefined;
}

/** As the reader's browser wrote it; the browser itself corrects what a proxy may have changed. */
async function originOf(): Promise<string> {
  const all = await headers();
  return `${all.get('x-forwarded-proto') ?? 'http'}://${all.get('host') ?? 'localhost'}`;
}
