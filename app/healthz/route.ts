export const dynamic = 'force-dynamic';

/** The process lives and its event loop turns. Whether it can serve is what /readyz says. */
export function GET(): Response {
  return Response.json({ status: 'ok' });
}
