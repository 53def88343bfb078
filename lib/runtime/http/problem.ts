import { AppError, ERROR_STATUS, isAppError } from '@/lib/core/errors.ts';

/** An error as `application/problem+json` (RFC 9457). What is not an AppError is ours, and its text stays inside. */
export function problemResponse(error: unknown, extra: Record<string, unknown> = {}): Response {
  const known = isAppError(error) ? error : new AppError('internal', 'an unexpected error; see the log of the server');
  const status = ERROR_STATUS[known.code];
  const headers: Record<string, string> = { 'Content-Type': 'application/problem+json' };
  // How somebody who is asked who they are can say it (RFC 6750). Not Basic: a browser would ask in a window of its own.
  if (status === 401) headers['WWW-Authenticate'] = 'Bearer';
  if (known.retryAfterS !== undefined) headers['Retry-After'] = String(known.retryAfterS);
  const body = { type: 'about:blank', title: known.code, status, code: known.code, detail: known.message, ...extra };
  return new Response(JSON.stringify(body), { status, headers });
}

/** Wraps a handler so that whatever it throws becomes a problem. */
export async function answer(handle: () => Promise<Response>, onError: (error: unknown) => void): Promise<Response> {
  try {
    return await handle();
  } catch (error) {
    if (!isAppError(error)) onError(error);
    return problemResponse(error);
  }
}
