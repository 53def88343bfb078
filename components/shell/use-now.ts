'use client';

import { useEffect, useState } from 'react';

/** The time, renewed every `everyMs` while `ticking`; undefined on the server and in the first paint. */
export function useNow(everyMs: number, ticking = true): number | undefined {
  const [nowMs, setNowMs] = useState<number>();
  useEffect(() => {
    setNowMs(Date.now());
    if (!ticking) return;
    const timer = setInterval(() => setNowMs(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, ticking]);
  return nowMs;
}
