import { getRuntime } from '@/lib/runtime/runtime.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/** Served at /metrics to whoever does not ask for a page there, see next.config.js. */
export async function GET(): Promise<Response> {
  const text = await (await getRuntime()).metrics();
  return new Response(text, { headers: { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' } });
}
