import { drainAll } from '@/lib/runtime/http/connection-endpoint.ts';
import { respond } from '@/lib/runtime/http/respond.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function POST(request: Request): Promise<Response> {
  return respond('operate', request, (app, principal) => drainAll(app, request, principal));
}
