import { preflight } from '@/lib/runtime/http/cross-origin.ts';
import { respond } from '@/lib/runtime/http/respond.ts';
import { answerSplunk } from '@/lib/runtime/http/splunk-endpoint.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

async function handle(request: Request): Promise<Response> {
  return respond('sender', request, (app) => answerSplunk(app, request));
}

export const GET = handle;
export const HEAD = handle;
export const POST = handle;

export async function OPTIONS(request: Request): Promise<Response> {
  return respond('public', request, (app) => preflight(app, request));
}
