import { COOKIE, COOKIE_SECURE, credentialOf, type HeaderOf } from '@/lib/access/credential.ts';

/** As the reader's browser wrote it, or the proxy before this server; only what the cookie's owner says counts for it. */
export function originOf(header: HeaderOf): string {
  return `${isHttps(header) ? 'https' : 'http'}://${header('host') ?? 'localhost'}`;
}

export function isHttps(header: HeaderOf): boolean {
  return header('x-forwarded-proto')?.split(',', 1)[0]?.trim() === 'https';
}

/**
 * No script reads it, no other site's page sends it along with what it asks for. Lax, not Strict: who follows a link into
 * the dashboard, or comes back from the identity provider, is still logged in.
 */
export function sessionCookie(header: HeaderOf, secret: string, maxAgeMs: number): string {
  const isSecure = isHttps(header);
  const parts = [`${isSecure ? COOKIE_SECURE : COOKIE}=${secret}`, 'Path=/', 'HttpOnly', 'SameSite=Lax'];
  return [...parts, `Max-Age=${Math.floor(maxAgeMs / 1000)}`, ...(isSecure ? ['Secure'] : [])].join('; ');
}

/** What the browser's cookie holds; undefined without one, and where something else is shown. */
export function secretOf(header: HeaderOf): string | undefined {
  const credential = credentialOf((name) => (name === 'cookie' ? header(name) : null));
  return credential?.kind === 'cookie' ? credential.secret : undefined;
}
