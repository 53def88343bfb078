'use client';

import { useState } from 'react';
import { failureText } from '@/components/ui/failure-text.ts';
import { adminRequest } from '@/lib/client/admin-request.ts';

/** What is shown to come in: an account's password, a token, or the secret of the one-time link. */
export type Shown = { username: string; password: string } | { token: string } | { once: string };

/** One try to log in at a time. The answer sets the browser's cookie, which no script sees. */
export function useLogin(onDone: () => void) {
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<string>();
  const logIn = async (shown: Shown) => {
    setIsBusy(true);
    setError(undefined);
    try {
      await adminRequest('POST', '/api/login', shown);
      onDone();
    } catch (failure) {
      setError(failureText(failure));
    } finally {
      setIsBusy(false);
    }
  };
  return { isBusy, error, logIn: (shown: Shown) => void logIn(shown) };
}
