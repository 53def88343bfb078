import { respond } from '@/lib/runtime/http/respond.ts';
import { getSystemStream } from '@/lib/runtime/http/system-endpoint.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';
export const maxDuration = 300;

export async function GET(request: Request): Promise<Response> {
  return respond('inspect', request, (app, principal) => getSystemStream(app, request, principal));
}

export const HEAD = GET;
