import type { Config } from '@/lib/config/config.ts';
import { type AllowedOrigins, notAllowed } from './foreign-page.ts';
import { answer, problemResponse } from './problem.ts';

/** What is asked of the runtime here. */
export type SenderContext = {
  readonly config: { readonly access: Pick<Config['access'], 'allowedOrigins'> };
  onError(error: unknown): void;
};

/** Chromium remembers for no longer. A page that may no longer send is refused when it does, whatever was remembered. */
const MAX_AGE_S = 7200;
/**
 * What a page may say beside its body: the credentials that are known, what the protocols read, and what tracing adds to every
 * request. Never all that is asked for: a page must not write what only a proxy may (`X-Forwarded-Host`).
 */
const HEADERS = [
  ...['Authorization', 'X-API-Key', 'X-Seq-ApiKey', 'Content-Type', 'Content-Encoding', 'Idempotency-Key'],
  ...['X-Scope-OrgID', 'X-Splunk-Request-Channel', 'X-Tailrace-Client', 'traceparent', 'tracestate', 'baggage'],
].join(', ');

/**
 * What a browser asks before a page of another origin may send (Fetch, "CORS-preflight request"). Only POST, and never with
 * `Access-Control-Allow-Credentials`: a page comes in by a key of its own, not by its reader's cookie.
 */
export function preflight({ config }: SenderContext, request: Request): Response {
  const origin = request.headers.get('origin');
  const always = { Vary: 'Origin', Allow: 'POST, OPTIONS' };
  // No page, but somebody who wants to know what can be done here.
  if (origin === null) return new Response(null, { status: 204, headers: always });
  const told = originHeaders(config.access.allowedOrigins, origin);
  if (!('Access-Control-Allow-Origin' in told)) {
    const refused = problemResponse(notAllowed(origin));
    refused.headers.set('Vary', 'Origin');
    return refused;
  }
  const may = {
    'Access-Control-Allow-Methods': 'POST',
    'Access-Control-Allow-Headers': HEADERS,
    'Access-Control-Max-Age': String(MAX_AGE_S),
  };
  return new Response(null, { status: 204, headers: { ...always, ...told, ...may } });
}

/** Answers a sender, whatever comes of it, so that a page which may send can read the answer too. Never rejects. */
export async function answerSender(
  context: SenderContext,
  request: Request,
  handle: () => Promise<Response>,
): Promise<Response> {
  const response = await answer(handle, context.onError);
  // What is sent is posted. The rest of these addresses is for programs.
  if (request.method !== 'POST') return response;
  const told = originHeaders(context.config.access.allowedOrigins, request.headers.get('origin'));
  for (const [name, value] of Object.entries(told)) response.headers.append(name, value);
  return response;
}

/** What a browser has to be told so that it shows the answer to the page; nothing where no page but our own may send. */
export function originHeaders(allowed: AllowedOrigins, origin: string | null): Readonly<Record<string, string>> {
  if (allowed.length === 0) return {};
  if (origin === null || !allowed.includes(origin)) return { Vary: 'Origin' };
  // When to come again is no header that a page may read by itself.
  return { Vary: 'Origin', 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': 'Retry-After' };
}
