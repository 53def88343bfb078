'use client';

import { useEffect, useState } from 'react';
import type { z } from 'zod';
import { WatchLine } from './watch-line.ts';

/** Told to the window when somebody has logged in without leaving the page. */
export const LOGGED_IN = 'tailrace:logged-in';

/** What an operations stream shows: the newest frame, and whether more are to come. */
export type Watched<Frame> = {
  readonly frame: Frame | undefined;
  readonly status: 'connecting' | 'open' | 'lost';
};

/**
 * Follows one of the server's own streams (`/api/connections/stream`, `/api/system/stream`): each frame is complete, so
 * there is no cursor, and a lost one is simply followed by the next.
 * @param url undefined while nothing is wanted
 * @param onFrame told each frame once, for what adds up over frames (samples); must keep its identity
 */
export function useWatch<Frame>(
  url: string | undefined,
  event: string,
  schema: z.ZodType<Frame>,
  onFrame?: (frame: Frame, isFirst: boolean) => void,
): Watched<Frame> {
  const [watched, setWatched] = useState<Watched<Frame>>({ frame: undefined, status: 'connecting' });
  useEffect(() => {
    if (url === undefined) return;
    const line = new WatchLine(
      {
        url,
        event,
        onFrame: (data, isFirst) => {
          const parsed = schema.safeParse(data);
          if (!parsed.success) return;
          onFrame?.(parsed.data, isFirst);
          setWatched({ frame: parsed.data, status: 'open' });
        },
        onLost: () => setWatched((before) => ({ ...before, status: 'lost' })),
      },
      { openEventSource: (address) => new EventSource(address), fetch: (...given) => globalThis.fetch(...given) },
    );
    // A browser grants six connections to a server of HTTP/1.1: tabs that nobody looks at must not take them all.
    const turn = (): void => {
      line.shut();
      if (!document.hidden) line.open();
    };
    turn();
    document.addEventListener('visibilitychange', turn);
    globalThis.addEventListener(LOGGED_IN, turn);
    return () => {
      document.removeEventListener('visibilitychange', turn);
      globalThis.removeEventListener(LOGGED_IN, turn);
      line.shut();
    };
  }, [url, event, schema, onFrame]);
  return watched;
}
