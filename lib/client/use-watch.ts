'use client';

import { useEffect, useState } from 'react';
import type { z } from 'zod';

/** What an operations stream shows: the newest frame, and whether more are to come. */
export type Watched<Frame> = {
  readonly frame: Frame | undefined;
  readonly status: 'connecting' | 'open' | 'lost';
};

const AGAIN_MS = 3000;

/**
 * Follows one of the server's own streams (`/api/connections/stream`, `/api/system/stream`): each frame is complete, so
 * there is no cursor, and a lost one is simply followed by the next. The browser's EventSource reconnects by itself
 * except after an error status; then this asks again.
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
    let source: EventSource | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = (): void => {
      let isFirst = true;
      source = new EventSource(url);
      source.addEventListener(event, (message: MessageEvent<string>) => {
        const parsed = schema.safeParse(JSON.parse(message.data));
        if (!parsed.success) return;
        onFrame?.(parsed.data, isFirst);
        isFirst = false;
        setWatched({ frame: parsed.data, status: 'open' });
      });
      source.onerror = () => {
        isFirst = true;
        setWatched((before) => ({ ...before, status: 'lost' }));
        if (source?.readyState === EventSource.CLOSED) timer = setTimeout(open, AGAIN_MS);
      };
    };
    const shut = (): void => {
      clearTimeout(timer);
      source?.close();
      timer = source = undefined;
    };
    // A browser grants six connections to a server of HTTP/1.1: tabs that nobody looks at must not take them all.
    const turn = (): void => {
      shut();
      if (!document.hidden) open();
    };
    turn();
    document.addEventListener('visibilitychange', turn);
    return () => {
      document.removeEventListener('visibilitychange', turn);
      shut();
    };
  }, [url, event, schema, onFrame]);
  return watched;
}
