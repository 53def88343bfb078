import type { HeaderOf } from '@/lib/access/credential.ts';
import { AppError } from '@/lib/core/errors.ts';

/**
 * A page of somebody else's, open in a browser that has logged in, must not act with what that browser may do. Throws
 * forbidden.
 */
export function refuseOtherSites(header: HeaderOf): void {
  const site = header('sec-fetch-site');
  const isOther = site !== null && site !== 'same-origin' && site !== 'none';
  if (isOther || !isFromOwnPage(header)) {
    throw new AppError('forbidden', 'this was asked for by another site; use the pages of this server, or no browser');
  }
}

/**
 * Whether it was no page that asked, or one of this server. A page of another origin could open a WebSocket here as its
 * reader: unlike fetch, nothing else forbids it.
 */
export function isFromOwnPage(header: HeaderOf): boolean {
  const origin = header('origin');
  return origin === null || isSameOrigin(origin, header);
}

/** @param origin as the browser wrote it; `null` and whatever else is no address of a page is another */
export function isSameOrigin(origin: string, header: HeaderOf): boolean {
  // What a proxy has put aside. A page cannot forge it: no other site's request carries a header of its own unasked.
  const host = header('x-forwarded-host')?.split(',', 1)[0]?.trim() ?? header('host');
  return URL.canParse(origin) && new URL(origin).host === host?.toLowerCase();
}

/** What a form can send without being asked; JSON it cannot. Throws unsupported-media-type. */
export function refuseForms(header: HeaderOf): void {
  const type = header('content-type');
  if (type === null || /^application\/json\s*(;|$)/i.test(type)) return;
  throw new AppError('unsupported-media-type', 'expected Content-Type application/json');
}
