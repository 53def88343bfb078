import type { Metadata } from 'next';
import { ConnectionsScreen } from '@/components/connections/connections-screen.tsx';
import { guardedPage } from '../guarded-page.tsx';
import { senderPlaceOf } from '../sender-place.ts';

export const metadata: Metadata = { title: 'Connections' };

export default guardedPage('inspect', async ({ app }) => <ConnectionsScreen place={await senderPlaceOf(app)} />);
