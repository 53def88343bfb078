import { postGelf } from '@/lib/runtime/http/gelf-endpoint.ts';
import { getRuntime } from '@/lib/runtime/runtime.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function POST(request: Request): Promise<Response> {
  return postGelf(await getRuntime(), request);
}
