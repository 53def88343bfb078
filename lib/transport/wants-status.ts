/**
 * Who would rather have an honest status: any status but 200 makes a native EventSource give up for good, a fetch client
 * wants 503 and Retry-After.
 */
export function wantsStatus(headers: { accept: string | null; client: string | null }): boolean {
  return headers.client !== null || (headers.accept ?? '').includes('application/json');
}
