import { preflight } from '@/lib/runtime/http/cross-origin.ts';
import { answerElastic } from '@/lib/runtime/http/elastic-endpoint.ts';
import { respond } from '@/lib/runtime/http/respond.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

async function handle(request: Request): Promise<Response> {
  return respond('sender', request, (app) => answerElastic(app, request));
}

export const DELETE = handle;
export const GET = handle;
export const HEAD = handle;
export const POST = handle;
export const PUT = handle;

export async function OPTIONS(request: Request): Promise<Response> {
  return respond('public', request, (app) => preflight(app, request));
}
