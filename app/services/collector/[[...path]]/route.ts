import { answer } from '@/lib/runtime/http/problem.ts';
import { answerSplunk } from '@/lib/runtime/http/splunk-endpoint.ts';
import { getRuntime } from '@/lib/runtime/runtime.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

async function handle(request: Request): Promise<Response> {
  const app = await getRuntime();
  return answer(() => answerSplunk(app, request), app.onError);
}

export { handle as GET, handle as HEAD, handle as POST };
