import { postLogout } from '@/lib/runtime/http/login-endpoint.ts';
import { respond } from '@/lib/runtime/http/respond.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function POST(request: Request): Promise<Response> {
  return respond('public', request, (app) => postLogout(app, request));
}
