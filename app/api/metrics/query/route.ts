import { getMetricSeries } from '@/lib/runtime/http/read-endpoints.ts';
import { respond } from '@/lib/runtime/http/respond.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function GET(request: Request): Promise<Response> {
  return respond('view', request, (app, principal) => getMetricSeries(app, request, principal));
}
