import { answer } from '@/lib/runtime/http/problem.ts';
import { getPoll, headPoll } from '@/lib/runtime/http/stream-endpoint.ts';
import { getRuntime } from '@/lib/runtime/runtime.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';
/** Serverless platforms end a function after so many seconds; the stream ends cleanly there and the client resumes. */
export const maxDuration = 300;

export async function GET(request: Request): Promise<Response> {
  const app = await getRuntime();
  return answer(async () => getPoll(app, request), app.onError);
}

export async function HEAD(request: Request): Promise<Response> {
  return headPoll(request);
}
