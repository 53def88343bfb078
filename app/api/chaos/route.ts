import { deleteChaos, getChaos, postChaos } from '@/lib/runtime/http/chaos-endpoint.ts';
import { respond } from '@/lib/runtime/http/respond.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function GET(request: Request): Promise<Response> {
  return respond('inspect', request, (app) => getChaos(app));
}

export async function POST(request: Request): Promise<Response> {
  return respond('operate', request, (app, principal) => postChaos(app, request, principal));
}

export async function DELETE(request: Request): Promise<Response> {
  return respond('operate', request, (app, principal) => deleteChaos(app, request, principal));
}
