import { AppError } from '@/lib/core/errors.ts';

/**
 * Any page in a reader's browser may send text/plain here without asking first, as it may not with JSON (Fetch, "CORS-safelisted
 * request-header"). Browsers name the page's origin when they do; programs have none. Throws forbidden.
 */
export function refuseForeignPage(header: (name: string) => string | null): void {
  const origin = header('origin');
  if (origin === null) return;
  const host = header('x-forwarded-host')?.split(',', 1)[0]?.trim() ?? header('host');
  if (URL.canParse(origin) && new URL(origin).host === host?.toLowerCase()) return;
  throw new AppError(
    'forbidden',
    `a page of ${origin.slice(0, 200)} may not send text here; send JSON, or from a program`,
  );
}
