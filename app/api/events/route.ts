import { preflight } from '@/lib/runtime/http/cross-origin.ts';
import { postEvents } from '@/lib/runtime/http/ingest-endpoint.ts';
import { getEvents } from '@/lib/runtime/http/read-endpoints.ts';
import { respond } from '@/lib/runtime/http/respond.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function GET(request: Request): Promise<Response> {
  return respond('view', request, (app, principal) => getEvents(app, request, principal));
}

export async function POST(request: Request): Promise<Response> {
  return respond('sender', request, (app) => postEvents(app, request));
}

export async function OPTIONS(request: Request): Promise<Response> {
  return respond('public', request, (app) => preflight(app, request));
}
