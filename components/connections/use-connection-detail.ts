'use client';

import { useEffect, useState } from 'react';
import { AdminError, adminRequest } from '@/lib/client/admin-request.ts';
import { type ConnectionDetail, connectionDetailSchema } from '@/lib/wire/connection-pages.ts';

const EVERY_MS = 1000;

export type ShownDetail = {
  /** The newest that is known, also when the connection is no longer kept. */
  readonly detail: ConnectionDetail | undefined;
  readonly error: string | undefined;
};

/** One connection with its story, asked for once a second while it is looked at. */
export function useConnectionDetail(id: string): ShownDetail {
  const [shown, setShown] = useState<ShownDetail & { id: string }>();
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      try {
        const url = `/api/connections/${encodeURIComponent(id)}`;
        const answer = await adminRequest('GET', url, undefined, abort.signal);
        setShown({ id, detail: connectionDetailSchema.parse(answer), error: undefined });
      } catch (error) {
        if (abort.signal.aborted) return;
        setShown((before) => ({ id, detail: before?.id === id ? before.detail : undefined, error: sentenceOf(error) }));
        // What the server has forgotten it will not remember.
        if (error instanceof AdminError && error.status === 404) return;
      }
      if (!abort.signal.aborted) timer = setTimeout(ask, EVERY_MS);
    };
    void ask();
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [id]);
  return shown?.id === id ? shown : { detail: undefined, error: undefined };
}

function sentenceOf(error: unknown): string {
  if (!(error instanceof AdminError)) return 'The server sent an answer that is not understood here.';
  return error.status === 404 ? 'This connection ended, and the server keeps no more of it.' : error.message;
}
