import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { ConnectionsScreen } from '@/components/connections/connections-screen.tsx';
import { guardedPage } from '../guarded-page.tsx';

export const metadata: Metadata = { title: 'Connections' };

export default guardedPage('inspect', async () => {
  const all = await headers();
  // As the reader's browser wrote it; the browser itself corrects what a proxy may have changed.
  const publicUrl = `${all.get('x-forwarded-proto') ?? 'http'}://${all.get('host') ?? 'localhost'}`;
  return <ConnectionsScreen publicUrl={publicUrl} />;
});
