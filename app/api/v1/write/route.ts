import { preflight } from '@/lib/runtime/http/cross-origin.ts';
import { postRemoteWrite } from '@/lib/runtime/http/prometheus-endpoint.ts';
import { respond } from '@/lib/runtime/http/respond.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function POST(request: Request): Promise<Response> {
  return respond('sender', request, (app) => postRemoteWrite(app, request));
}

export async function OPTIONS(request: Request): Promise<Response> {
  return respond('public', request, (app) => preflight(app, request));
}
