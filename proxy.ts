import { type NextRequest, NextResponse } from 'next/server';

/**
 * Runs before pages: gives each its own nonce, which Next writes into its scripts, and tells the page where it stands.
 * Never before an endpoint: what passes here is copied, and an endpoint takes bodies without an end.
 */
export function proxy(request: NextRequest): NextResponse {
  const nonce = Buffer.from(crypto.getRandomValues(new Uint8Array(16))).toString('base64');
  const policy = policyOf(nonce, request.headers.get('host') ?? '');
  const headers = new Headers(request.headers);
  headers.set('x-nonce', nonce);
  // Next takes the nonce from here.
  headers.set('content-security-policy', policy);
  headers.set('x-tailrace-path', `${request.nextUrl.pathname}${request.nextUrl.search}`);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set('Content-Security-Policy', policy);
  response.headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  if (request.headers.get('x-forwarded-proto')?.split(',', 1)[0] === 'https') {
    response.headers.set('Strict-Transport-Security', 'max-age=31536000');
  }
  return response;
}

/**
 * A browser that opens a page says that it wants one; one that goes from page to page says so in a header of Next's. Of the
 * pages themselves a program that says nothing is asked as well: it is sent to the login, and not to a page without anything.
 */
export const config = {
  matcher: [
    '/(login|logs|metrics|connection|connections|sources|system|access)',
    {
      source: '/((?!api/|_next/static|_next/image).*)',
      has: [{ type: 'header', key: 'accept', value: '.*text/html.*' }],
    },
    { source: '/((?!api/|_next/static|_next/image).*)', has: [{ type: 'header', key: 'rsc' }] },
  ],
};

function policyOf(nonce: string, host: string): string {
  // In development React explains errors by means of `eval`.
  const dev = process.env.NODE_ENV === 'development' ? " 'unsafe-eval'" : '';
  // Not every browser counts a WebSocket of the same host as 'self'.
  const sockets = /^[\w.:[\]-]+$/.test(host) ? ` ws://${host} wss://${host}` : '';
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${dev}`,
    `style-src 'self' 'nonce-${nonce}'`,
    // The widths and places of what is drawn are attributes.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    `connect-src 'self'${sockets}`,
    "object-src 'none'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "form-action 'self'",
  ].join('; ');
}
