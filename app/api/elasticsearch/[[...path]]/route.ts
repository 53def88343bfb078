import { answerElastic } from '@/lib/runtime/http/elastic-endpoint.ts';
import { answer } from '@/lib/runtime/http/problem.ts';
import { getRuntime } from '@/lib/runtime/runtime.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

async function handle(request: Request): Promise<Response> {
  const app = await getRuntime();
  return answer(() => answerElastic(app, request), app.onError);
}

export { handle as DELETE, handle as GET, handle as HEAD, handle as POST, handle as PUT };
