import { getConnection } from '@/lib/runtime/http/connection-endpoint.ts';
import { respond } from '@/lib/runtime/http/respond.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function GET(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { id } = await params;
  return respond('inspect', request, (app, principal) => getConnection(app, request, principal, id));
}
