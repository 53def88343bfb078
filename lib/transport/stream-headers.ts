/**
 * Headers of an event stream. `no-transform` keeps compressing proxies from holding frames back, `X-Accel-Buffering`
 * does so for nginx.
 */
export const STREAM_HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-cache, no-store, no-transform',
  'X-Accel-Buffering': 'no',
};

/**
 * Who would rather have an honest status: any status but 200 makes a native EventSource give up for good, a fetch client
 * wants 503 and Retry-After.
 */
export function wantsStatus(headers: { accept: string | null; client: string | null }): boolean {
  return headers.client !== null || (headers.accept ?? '').includes('application/json');
}
