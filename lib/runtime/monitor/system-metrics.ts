import { RESOURCE_KINDS, type ResourceLedger } from '@/lib/core/ledger.ts';
import type { BREAKER_STATES } from '@/lib/wire/system-pages.ts';
import type { DescriptorCount } from './descriptors.ts';
import type { MemoryGuard } from './memory-guard.ts';
import type { MetricSet } from './metric-set.ts';
import type { WatchedChaos, WatchedHistory, WatchedJournal } from './server-parts.ts';
import type { WatchHub } from './watch-hub.ts';

export type SystemMetricsContext = {
  readonly journal: Pick<WatchedJournal, 'held'>;
  readonly history: WatchedHistory;
  readonly monitor: {
    readonly memory: Pick<MemoryGuard, 'limits' | 'stepsTaken' | 'sheds'>;
    readonly watchers: Pick<WatchHub, 'size'>;
    readonly descriptors: Pick<DescriptorCount, 'value'>;
  };
  readonly ledger: ResourceLedger;
  readonly chaos: WatchedChaos | undefined;
};

/** 0 closed, 1 half-open, 2 open: the higher, the worse. */
const BREAKER_VALUES: Readonly<Record<(typeof BREAKER_STATES)[number], number>> = {
  closed: 0,
  'half-open': 1,
  open: 2,
};

/** What the System page shows, for Prometheus. */
export function addSystemMetrics(set: MetricSet, context: SystemMetricsContext): void {
  const { journal, monitor, ledger, chaos } = context;
  addHistoryMetrics(set, context.history);
  set.gauge('held_events', 'Events given out and not stored yet.', () => journal.held.events);
  set.gauge('held_events_max', 'Events that may be given out before they are stored.', () => journal.held.eventsMax);
  set.gauges('resources', 'What is held, by kind.', ['kind'], () =>
    RESOURCE_KINDS.map((kind) => [{ kind }, ledger.held(kind)] as const),
  );
  set.gauge('leaked_resources', 'Held by owners that are closed: zero, or a defect.', () => ledger.leaked);
  set.gauge('memory_soft_limit_bytes', 'Above it memory is given back.', () => monitor.memory.limits.rssBytes);
  set.gauge(
    'shed_step',
    'Memory given back: 0 none, 1 new streams refused, 2 rings shortened, 3 frames lengthened.',
    () => monitor.memory.stepsTaken,
  );
  set.counter('sheds_total', 'Steps taken to give memory back.', () => monitor.memory.sheds);
  set.gauge('watchers', 'Open operations streams.', () => monitor.watchers.size);
  // Under the name of prom-client's own, which lists the folder on the main thread: 36 ms at 10,000 connections.
  set.registry.removeSingleMetric('tailrace_process_open_fds');
  set.gauge('process_open_fds', 'Open descriptors, at most ten seconds ago.', () => monitor.descriptors.value);
  if (!chaos) return;
  set.gauge('chaos_faults_active', 'Faults on purpose under way.', () => chaos.report().active.length);
  set.counter('chaos_faults_injected_total', 'Faults on purpose since the start.', () => chaos.report().injected);
}

function addHistoryMetrics(set: MetricSet, history: WatchedHistory): void {
  const { breaker, counts } = history;
  set.gauges('breaker_state', 'Circuit breakers: 0 closed, 1 half-open, 2 open.', ['name'], () => {
    const { name, state } = breaker.report();
    return [[{ name }, BREAKER_VALUES[state]]];
  });
  set.counters('breaker_opened_total', 'How often a circuit breaker has opened.', ['name'], () => {
    const { name, opened } = breaker.report();
    return [[{ name }, opened]];
  });
  set.gauges('history_call_seconds', 'How long the newest calls of the history took.', ['quantile'], () => {
    const measured = history.quantiles();
    if (!measured) return [];
    return [
      [{ quantile: '0.5' }, measured.p50Ms / 1000],
      [{ quantile: '0.95' }, measured.p95Ms / 1000],
      [{ quantile: '0.99' }, measured.p99Ms / 1000],
    ];
  });
  set.counter('history_calls_total', 'Calls of the history.', () => counts.calls);
  set.counter('history_failed_calls_total', 'Calls of the history that failed.', () => counts.failures);
  set.counter('history_refused_calls_total', 'Calls that an open breaker has refused.', () => counts.refused);
  set.counter('history_slow_calls_total', 'Calls of the history slower than the setting.', () => counts.slow);
}
