/** What the page tells about its own life. */
export type PageSignals = {
  isOnline(): boolean;
  /** Returns the function that stops listening. */
  listen(on: PageListener): () => void;
};

export type PageListener = {
  readonly online: (online: boolean) => void;
  readonly visible: () => void;
  /** The page goes, perhaps into the back/forward cache, where a held lock or an open stream would keep it out. */
  readonly hide: () => void;
  /** The page is back from that cache. */
  readonly show: () => void;
};

export const browserSignals: PageSignals = {
  isOnline: () => navigator.onLine,
  listen(on) {
    const stop = new AbortController();
    const { signal } = stop;
    window.addEventListener('online', () => on.online(true), { signal });
    window.addEventListener('offline', () => on.online(false), { signal });
    window.addEventListener('pagehide', () => on.hide(), { signal });
    window.addEventListener('pageshow', (event) => event.persisted && on.show(), { signal });
    document.addEventListener('visibilitychange', () => document.visibilityState === 'visible' && on.visible(), {
      signal,
    });
    return () => stop.abort();
  },
};
