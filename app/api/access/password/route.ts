import { putOwnPassword } from '@/lib/runtime/http/login-endpoint.ts';
import { respond } from '@/lib/runtime/http/respond.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function PUT(request: Request): Promise<Response> {
  return respond('view', request, (app, principal) => putOwnPassword(app, request, principal));
}
