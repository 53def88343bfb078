import { answer } from '@/lib/runtime/http/problem.ts';
import { getSources } from '@/lib/runtime/http/source-endpoint.ts';
import { getRuntime } from '@/lib/runtime/runtime.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function GET(request: Request): Promise<Response> {
  const app = await getRuntime();
  return answer(async () => getSources(app, request), app.onError);
}
