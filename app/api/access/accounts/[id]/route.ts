import { deleteAccount, putAccount } from '@/lib/runtime/http/access-endpoint.ts';
import { respond } from '@/lib/runtime/http/respond.ts';

export const runtime = 'nodejs';
export const dynamic = 'force-dynamic';

export async function PUT(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { id } = await params;
  return respond('administer', request, (app, principal) => putAccount(app, request, principal, id));
}

export async function DELETE(request: Request, { params }: { params: Promise<{ id: string }> }): Promise<Response> {
  const { id } = await params;
  return respond('administer', request, (app, principal) => deleteAccount(app, request, principal, id));
}
