'use client';

import { useSyncExternalStore } from 'react';
import type { Zone } from './log-time.ts';

const subscribe = () => () => {};

/** Hydration sees UTC, like the server; the render right after it sees the reader's zone. */
export function useZone(): Zone {
  return useSyncExternalStore<Zone>(
    subscribe,
    () => 'local',
    () => 'utc',
  );
}
