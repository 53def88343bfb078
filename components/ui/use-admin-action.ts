'use client';

import { useCallback, useState } from 'react';
import { AdminError } from '@/lib/client/admin-request.ts';
import { failureText } from './failure-text.ts';

export type AdminOutcome =
  | { readonly kind: 'idle' }
  | { readonly kind: 'busy' }
  | { readonly kind: 'done'; readonly sentence: string }
  /** `retry` is there when the operator's token might help. */
  | { readonly kind: 'failed'; readonly sentence: string; readonly retry?: () => void };

export type AdminAction = {
  readonly outcome: AdminOutcome;
  /** @param done the sentence to show when it has worked */
  readonly run: (ask: () => Promise<unknown>, done: string) => void;
};

/** One operator's action at a time and how it went; never throws. */
export function useAdminAction(): AdminAction {
  const [outcome, setOutcome] = useState<AdminOutcome>({ kind: 'idle' });
  const run = useCallback((ask: () => Promise<unknown>, done: string) => {
    const attempt = async () => {
      setOutcome({ kind: 'busy' });
      try {
        await ask();
        setOutcome({ kind: 'done', sentence: done });
      } catch (error) {
        const sentence = failureText(error);
        const retry = error instanceof AdminError && error.needsToken ? { retry: () => void attempt() } : {};
        setOutcome({ kind: 'failed', sentence, ...retry });
      }
    };
    void attempt();
  }, []);
  return { outcome, run };
}
