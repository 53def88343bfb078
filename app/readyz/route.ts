import { getRuntime } from '@/lib/runtime/runtime.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/** Ready when the history is migrated and the journal takes events, and not while it shuts down. */
export async function GET(): Promise<Response> {
  try {
    const { isReady, says } = await (await getRuntime()).readiness();
    return Response.json({ status: says }, { status: isReady ? 200 : 503 });
  } catch {
    return Response.json({ status: 'the journal does not answer; see the log of the server' }, { status: 503 });
  }
}
