import type { Metadata } from 'next';
import { SystemScreen } from '@/components/system/system-screen.tsx';
import { guardedPage } from '../guarded-page.tsx';

export const metadata: Metadata = { title: 'System' };

/** The report comes by its own stream: nothing is asked of the server before the page is there. */
export default guardedPage('inspect', () => <SystemScreen />);
