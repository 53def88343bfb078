import type { IncomingMessage } from 'node:http';

/** A page of another origin could open a WebSocket here as its reader: unlike fetch, nothing else forbids it. */
export function isSameOrigin({ headers }: IncomingMessage): boolean {
  if (headers.origin === undefined) return true;
  // The nearest to the client comes first. A page cannot forge it: it sets no header of a WebSocket.
  const [forwarded] = [headers['x-forwarded-host'] ?? []].flat();
  const host = forwarded?.split(',', 1)[0]?.trim() ?? headers.host;
  return URL.canParse(headers.origin) && new URL(headers.origin).host === host?.toLowerCase();
}
