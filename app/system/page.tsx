import type { Metadata } from 'next';
import { connection } from 'next/server';
import { SystemScreen } from '@/components/system/system-screen.tsx';

export const metadata: Metadata = { title: 'System' };

/** The report comes by its own stream: nothing is asked of the server before the page is there. */
export default async function SystemPage() {
  await connection();
  return <SystemScreen />;
}
