import { answer } from '@/lib/runtime/http/problem.ts';
import { getSystemStream } from '@/lib/runtime/http/system-endpoint.ts';
import { getRuntime } from '@/lib/runtime/runtime.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';
export const maxDuration = 300;

export async function GET(request: Request): Promise<Response> {
  const app = await getRuntime();
  return answer(async () => getSystemStream(app, request), app.onError);
}

export const HEAD = GET;
