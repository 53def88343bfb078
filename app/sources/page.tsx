import type { Metadata } from 'next';
import { SourcesScreen } from '@/components/sources/sources-screen.tsx';
import { guardedPage } from '../guarded-page.tsx';
import { senderPlaceOf } from '../sender-place.ts';

export const metadata: Metadata = { title: 'Sources' };

export default guardedPage('inspect', async ({ app }) => <SourcesScreen {...(await senderPlaceOf(app))} />);
