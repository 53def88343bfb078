import { deleteChaos, getChaos, postChaos } from '@/lib/runtime/http/chaos-endpoint.ts';
import { answer } from '@/lib/runtime/http/problem.ts';
import { getRuntime } from '@/lib/runtime/runtime.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function GET(): Promise<Response> {
  const app = await getRuntime();
  return answer(async () => getChaos(app), app.onError);
}

export async function POST(request: Request): Promise<Response> {
  const app = await getRuntime();
  return answer(() => postChaos(app, request), app.onError);
}

export async function DELETE(request: Request): Promise<Response> {
  const app = await getRuntime();
  return answer(async () => deleteChaos(app, request), app.onError);
}
