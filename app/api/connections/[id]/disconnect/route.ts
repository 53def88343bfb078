import { disconnect } from '@/lib/runtime/http/connection-endpoint.ts';
import { respond } from '@/lib/runtime/http/respond.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function POST(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { id } = await params;
  return respond('operate', request, (app, principal) => disconnect(app, request, principal, id));
}
