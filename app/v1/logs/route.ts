import { postOtlpLogs } from '@/lib/runtime/http/otlp-endpoint.ts';
import { answer } from '@/lib/runtime/http/problem.ts';
import { getRuntime } from '@/lib/runtime/runtime.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function POST(request: Request): Promise<Response> {
  const app = await getRuntime();
  return answer(() => postOtlpLogs(app, request), app.onError);
}
