import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { connection } from 'next/server';
import { SourcesScreen } from '@/components/sources/sources-screen.tsx';

export const metadata: Metadata = { title: 'Sources' };

export default async function SourcesPage() {
  await connection();
  const all = await headers();
  // As the reader's browser wrote it; the browser itself corrects what a proxy may have changed.
  const publicUrl = `${all.get('x-forwarded-proto') ?? 'http'}://${all.get('host') ?? 'localhost'}`;
  return <SourcesScreen publicUrl={publicUrl} />;
}
