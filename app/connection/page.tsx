import type { Metadata } from 'next';
import { ConnectionScreen } from '@/components/connections/connection-screen.tsx';
import { guardedPage } from '../guarded-page.tsx';

export const metadata: Metadata = { title: 'Connection of this browser' };

export default guardedPage('view', ({ app }) => <ConnectionScreen head={app.head()} />);
