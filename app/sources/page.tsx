import type { Metadata } from 'next';
import { headers } from 'next/headers';
import { SourcesScreen } from '@/components/sources/sources-screen.tsx';
import { guardedPage } from '../guarded-page.tsx';

export const metadata: Metadata = { title: 'Sources' };

export default guardedPage('inspect', async ({ app }) => {
  const all = await headers();
  // As the reader's browser wrote it; the browser itself corrects what a proxy may have changed.
  const publicUrl = `${all.get('x-forwarded-proto') ?? 'http'}://${all.get('host') ?? 'localhost'}`;
  // Where nobody is asked for one, snippets carry none.
  return <SourcesScreen publicUrl={publicUrl} {...(!app.access.isDemanded && { token: null })} />;
});
