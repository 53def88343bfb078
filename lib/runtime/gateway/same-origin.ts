import type { IncomingMessage } from 'node:http';
import { isSameOrigin as isOurs } from '../access/same-site.ts';

/** A page of another origin could open a WebSocket here as its reader: unlike fetch, nothing else forbids it. */
export function isSameOrigin({ headers }: IncomingMessage): boolean {
  if (headers.origin === undefined) return true;
  return isOurs(headers.origin, (name) => [headers[name]].flat()[0] ?? null);
}
