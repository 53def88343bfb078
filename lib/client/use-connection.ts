'use client';

import { useStore } from 'zustand';
import type { ConnectionState } from './state.ts';
import { useTailrace } from './tailrace-provider.tsx';

/**
 * The selector must return a part of the state as it is, or a primitive: a new object each time would never settle.
 * The server and the first render in the browser see the idle state, so that they agree.
 */
export function useConnection<T>(selector: (state: ConnectionState) => T): T {
  return useStore(useTailrace().connection, selector);
}

/** Names of the services seen so far, sorted. */
export function useServices(): readonly string[] {
  return useStore(useTailrace().services);
}
