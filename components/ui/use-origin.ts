'use client';

import { useSyncExternalStore } from 'react';

const subscribe = () => () => {};

/** Where this page came from, as the reader's browser sees it; on the server and while hydrating, what the server thinks. */
export function useOrigin(serverOrigin: string): string {
  return useSyncExternalStore(
    subscribe,
    () => location.origin,
    () => serverOrigin,
  );
}
