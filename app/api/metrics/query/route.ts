import { answer } from '@/lib/runtime/http/problem.ts';
import { getMetricSeries } from '@/lib/runtime/http/read-endpoints.ts';
import { getRuntime } from '@/lib/runtime/runtime.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function GET(request: Request): Promise<Response> {
  const app = await getRuntime();
  return answer(() => getMetricSeries(app, request), app.onError);
}
