import { answer } from '@/lib/runtime/http/problem.ts';
import { getSystem } from '@/lib/runtime/http/system-endpoint.ts';
import { getRuntime } from '@/lib/runtime/runtime.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function GET(): Promise<Response> {
  const app = await getRuntime();
  return answer(async () => getSystem(app), app.onError);
}
