import { respond } from '@/lib/runtime/http/respond.ts';
import { getSources } from '@/lib/runtime/http/source-endpoint.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function GET(request: Request): Promise<Response> {
  return respond('inspect', request, (app) => getSources(app, request));
}
