import { COOKIE, COOKIE_SECURE, credentialOf, type HeaderOf, isHttps } from '@/lib/access/credential.ts';

/** Only login pages and the password's form send it. */
const MARK_COOKIE = 'tailrace-familiar';
const MARK_MS_MAX = 365 * 24 * 3_600_000;
const ABOUT_COOKIES = ['cookie', 'x-forwarded-proto'];
const OIDC_COOKIE = 'tailrace-oidc';

/** As the reader's browser wrote it, or the proxy before this server; only what the cookie's owner says counts for it. */
export function originOf(header: HeaderOf): string {
  return `${isHttps(header) ? 'https' : 'http'}://${header('host') ?? 'localhost'}`;
}

/**
 * No script reads it, no other site's page sends it along with what it asks for. Lax, not Strict: who follows a link into
 * the dashboard, or comes back from the identity provider, is still logged in.
 */
export function sessionCookie(header: HeaderOf, secret: string, maxAgeMs: number): string {
  return cookie(header, { name: isHttps(header) ? COOKIE_SECURE : COOKIE, value: secret, maxAgeMs, path: '/' });
}

/** What the browser's cookie holds; undefined without one, and where something else is shown. */
export function secretOf(header: HeaderOf): string | undefined {
  const credential = credentialOf((name) => (ABOUT_COOKIES.includes(name) ? header(name) : null));
  return credential?.kind === 'cookie' ? credential.secret : undefined;
}

/** See `familiar-browser.ts`. */
export function markCookie(header: HeaderOf, mark: string): string {
  return cookie(header, { name: MARK_COOKIE, value: mark, maxAgeMs: MARK_MS_MAX, path: '/api' });
}

export function markIn(header: HeaderOf): string | undefined {
  return cookieIn(header, MARK_COOKIE);
}

/** What a login that has gone to the identity provider needs when it comes back; empty: it has. */
export function oidcCookie(header: HeaderOf, value: string, maxAgeMs: number): string {
  return cookie(header, { name: OIDC_COOKIE, value, maxAgeMs, path: '/login/oidc' });
}

export function oidcIn(header: HeaderOf): string | undefined {
  return cookieIn(header, OIDC_COOKIE);
}

type Cookie = { readonly name: string; readonly value: string; readonly maxAgeMs: number; readonly path: string };

function cookie(header: HeaderOf, { name, value, maxAgeMs, path }: Cookie): string {
  const parts = [
    `${name}=${value}`,
    `Path=${path}`,
    'HttpOnly',
    'SameSite=Lax',
    `Max-Age=${Math.floor(maxAgeMs / 1000)}`,
  ];
  return [...parts, ...(isHttps(header) ? ['Secure'] : [])].join('; ');
}

function cookieIn(header: HeaderOf, name: string): string | undefined {
  const pairs = (header('cookie') ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}
