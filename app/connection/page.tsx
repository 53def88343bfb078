import type { Metadata } from 'next';
import { connection } from 'next/server';
import { ConnectionScreen } from '@/components/connections/connection-screen.tsx';
import { getRuntime } from '@/lib/runtime/runtime.ts';

export const metadata: Metadata = { title: 'Connection of this browser' };

export default async function ConnectionPage() {
  await connection();
  return <ConnectionScreen head={(await getRuntime()).head()} />;
}
