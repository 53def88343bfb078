import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { connection } from 'next/server';
import { ConnectionsScreen } from '@/components/connections/connections-screen.tsx';

export const metadata: Metadata = { title: 'Connections' };

export default async function ConnectionsPage() {
  await connection();
  const all = await headers();
  // As the reader's browser wrote it; the browser itself corrects what a proxy may have changed.
  const publicUrl = `${all.get('x-forwarded-proto') ?? 'http'}://${all.get('host') ?? 'localhost'}`;
  return <ConnectionsScreen publicUrl={publicUrl} />;
}
