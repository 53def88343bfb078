import { getConnections } from '@/lib/runtime/http/connection-endpoint.ts';
import { respond } from '@/lib/runtime/http/respond.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function GET(request: Request): Promise<Response> {
  return respond('inspect', request, (app) => getConnections(app, request));
}
