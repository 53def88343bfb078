import { beginOidc } from '@/lib/runtime/http/login-endpoint.ts';
import { respond } from '@/lib/runtime/http/respond.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function GET(request: Request): Promise<Response> {
  return respond('public', request, (app) => beginOidc(app, request));
}
