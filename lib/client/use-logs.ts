'use client';

import { useEffect, useState } from 'react';
import { type StoreApi, useStore } from 'zustand';
import type { Filter } from '@/lib/core/filter.ts';
import type { HistoryPage } from '@/lib/wire/pages.ts';
import type { LogState } from './state.ts';
import { useTailrace } from './tailrace-provider.tsx';

/** A log list: its state is read with `useLogState`, the functions keep their identity. */
export type LogView = {
  readonly state: StoreApi<LogState>;
  follow(): void;
  pause(): void;
  loadOlder(): void;
  setFilter(filter: Filter): void;
  retry(): void;
};

/**
 * Shows the page at once and goes on exactly where it ends. Only the first `initial` counts: give the component
 * another `key` to begin anew.
 */
export function useLogs(initial: { page: HistoryPage; filter: Filter }): LogView {
  const client = useTailrace();
  const [{ logs, view }] = useState(() => {
    const logs = client.logs(initial);
    const view: LogView = {
      state: logs.store,
      follow: () => logs.follow(),
      pause: () => logs.pause(),
      loadOlder: () => void logs.loadOlder(),
      setFilter: (filter) => logs.setFilter(filter),
      retry: () => logs.retry(),
    };
    return { logs, view };
  });
  useEffect(() => {
    client.noteServices(logs.services);
    return logs.attach();
  }, [client, logs]);
  return view;
}

export function useLogState<T>(view: LogView, selector: (state: LogState) => T): T {
  return useStore(view.state, selector);
}
