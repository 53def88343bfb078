import { respond } from '@/lib/runtime/http/respond.ts';
import { postTestLine } from '@/lib/runtime/http/source-endpoint.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function POST(request: Request): Promise<Response> {
  return respond('operate', request, (app, principal) => postTestLine(app, request, principal));
}
