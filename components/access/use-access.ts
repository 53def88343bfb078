'use client';

import { useCallback, useEffect, useState } from 'react';
import { failureText } from '@/components/ui/failure-text.ts';
import { adminRequest } from '@/lib/client/admin-request.ts';
import type { AccessPage, AuditPage } from '@/lib/wire/access-pages.ts';

export type Access = {
  /** undefined until it has been asked for. */
  readonly page: AccessPage | undefined;
  readonly audit: AuditPage['entries'];
  readonly error: string | undefined;
  /** Asks anew, after a change. */
  readonly reload: () => void;
};

/**
 * Who may come in, and what was done about it.
 * @param hasLogins what was done is told with logins and tries, which anybody may make as many of as they like
 */
export function useAccess(hasLogins: boolean): Access {
  const [shown, setShown] = useState<Pick<Access, 'page' | 'audit' | 'error'>>({
    page: undefined,
    audit: [],
    error: undefined,
  });
  const ask = useCallback(async () => {
    try {
      const page = (await adminRequest('GET', '/api/access')) as AccessPage;
      // The page is worth showing without it: it comes from the store, which may be away.
      const audit = await adminRequest('GET', `/api/audit${hasLogins ? '' : '?logins=0'}`).catch(() => ({
        entries: [],
      }));
      setShown({ page, audit: (audit as AuditPage).entries, error: undefined });
    } catch (failure) {
      const error = failureText(failure);
      setShown((before) => ({ ...before, error }));
    }
  }, [hasLogins]);
  useEffect(() => void ask(), [ask]);
  return { ...shown, reload: () => void ask() };
}
