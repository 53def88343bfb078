import type { HeaderOf } from '@/lib/access/credential.ts';
import { AppError } from '@/lib/core/errors.ts';
import { isSameOrigin } from '../access/same-site.ts';

/** Origins whose pages may send, as browsers write them. */
export type AllowedOrigins = readonly string[];

/**
 * Any page in a reader's browser may send text/plain here without asking first, as it may not with JSON (Fetch, "CORS-safelisted
 * request-header"). Browsers name the page's origin when they do; programs have none. Throws forbidden.
 */
export function refuseForeignPage(header: HeaderOf, allowed: AllowedOrigins): void {
  const origin = header('origin');
  if (origin === null || isSameOrigin(origin, header) || allowed.includes(origin)) return;
  throw notAllowed(origin);
}

/** For whoever opens the browser's tools to find out why nothing arrives. */
export function notAllowed(origin: string): AppError {
  return new AppError(
    'forbidden',
    `a page of ${origin.slice(0, 200)} may not send here: name its origin in TAILRACE_ALLOWED_ORIGINS, or send from a program`,
  );
}

/**
 * The headers of whoever sends. A browser adds its cookie by itself, whichever page makes it send: one of another origin has
 * to say who it is.
 */
export function senderHeader({ headers }: Request): HeaderOf {
  const header: HeaderOf = (name) => headers.get(name);
  const origin = header('origin');
  const isForeign = origin !== null && !isSameOrigin(origin, header);
  return (name) => (isForeign && name === 'cookie' ? null : header(name));
}
