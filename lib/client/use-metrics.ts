'use client';

import { useEffect, useState } from 'react';
import { type StoreApi, useStore } from 'zustand';
import type { MetricInitial } from './metric-store.ts';
import type { MetricState, RangeKey } from './state.ts';
import { useTailrace } from './tailrace-provider.tsx';

/** Metrics over a moving window: the state is read with `useMetricState`, the functions keep their identity. */
export type MetricView = {
  readonly state: StoreApi<MetricState>;
  setRange(range: RangeKey): void;
  setServices(services: readonly string[]): void;
  retry(): void;
};

/** Shows the page at once and folds the live samples into it. Only the first `initial` counts, as for `useLogs`. */
export function useMetrics(initial: MetricInitial): MetricView {
  const client = useTailrace();
  const [{ metrics, view }] = useState(() => {
    const metrics = client.metrics(initial);
    const view: MetricView = {
      state: metrics.store,
      setRange: (range) => metrics.setRange(range),
      setServices: (services) => metrics.setServices(services),
      retry: () => metrics.retry(),
    };
    return { metrics, view };
  });
  useEffect(() => {
    client.noteServices(metrics.store.getState().series);
    return metrics.attach();
  }, [client, metrics]);
  return view;
}

export function useMetricState<T>(view: MetricView, selector: (state: MetricState) => T): T {
  return useStore(view.state, selector);
}
