import { postEvents } from '@/lib/runtime/http/ingest-endpoint.ts';
import { answer } from '@/lib/runtime/http/problem.ts';
import { getEvents } from '@/lib/runtime/http/read-endpoints.ts';
import { getRuntime } from '@/lib/runtime/runtime.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function GET(request: Request): Promise<Response> {
  const app = await getRuntime();
  return answer(() => getEvents(app, request), app.onError);
}

export async function POST(request: Request): Promise<Response> {
  const app = await getRuntime();
  return answer(() => postEvents(app, request), app.onError);
}
