import { respond } from '@/lib/runtime/http/respond.ts';
import { getSystem } from '@/lib/runtime/http/system-endpoint.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function GET(request: Request): Promise<Response> {
  return respond('inspect', request, (app) => getSystem(app));
}
