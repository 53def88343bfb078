import { respond } from '@/lib/runtime/http/respond.ts';
import { getMetrics } from '@/lib/runtime/http/system-endpoint.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

/** Served at /metrics to whoever does not ask for a page there, see next.config.js. */
export async function GET(request: Request): Promise<Response> {
  return respond('inspect', request, (app) => getMetrics(app));
}
