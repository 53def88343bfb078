import { respond } from '@/lib/runtime/http/respond.ts';
import { getPoll, headPoll } from '@/lib/runtime/http/stream-endpoint.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';
/** Serverless platforms end a function after so many seconds; the stream ends cleanly there and the client resumes. */
export const maxDuration = 300;

export async function GET(request: Request): Promise<Response> {
  return respond('view', request, (app, principal) => getPoll(app, request, principal));
}

export async function HEAD(request: Request): Promise<Response> {
  return respond('view', request, () => headPoll(request));
}
