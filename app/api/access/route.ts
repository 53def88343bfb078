import { getAccess } from '@/lib/runtime/http/access-endpoint.ts';
import { respond } from '@/lib/runtime/http/respond.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function GET(request: Request): Promise<Response> {
  return respond('administer', request, (app, principal) => getAccess(app, request, principal));
}
