import type { Metadata } from 'next';
import { AccessScreen } from '@/components/access/access-screen.tsx';
import { guardedPage } from '../guarded-page.tsx';

export const metadata: Metadata = { title: 'Access' };

export default guardedPage('administer', () => <AccessScreen />);
