import { postLoki } from '@/lib/runtime/http/loki-endpoint.ts';
import { answer } from '@/lib/runtime/http/problem.ts';
import { getRuntime } from '@/lib/runtime/runtime.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function POST(request: Request): Promise<Response> {
  const app = await getRuntime();
  return answer(() => postLoki(app, request), app.onError);
}
