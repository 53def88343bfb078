import { getRuntime } from '@/lib/runtime/runtime.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/** Ready when the history is migrated and the journal answers, and not while it shuts down. */
export async function GET(): Promise<Response> {
  try {
    const app = await getRuntime();
    if (app.hub.isDraining) return Response.json({ status: 'shutting down' }, { status: 503 });
    await app.checkReady();
    return Response.json({ status: 'ready' });
  } catch {
    return Response.json({ status: 'the journal does not answer; see the log of the server' }, { status: 503 });
  }
}
