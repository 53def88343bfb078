import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { CircuitBreaker } from '@/lib/core/circuit-breaker.ts';
import { ResourceLedger } from '@/lib/core/ledger.ts';
import { MetricSet } from './metric-set.ts';
import { addSystemMetrics } from './system-metrics.ts';

/** With members of its own, as the real one has: whoever takes its methods off it breaks them. */
class FakeHistory {
  readonly breaker = new CircuitBreaker({ name: 'history', now: () => 0, cooldownMs: 1000 });
  readonly counts = { calls: 10, failures: 3, refused: 2, slow: 1 };
  readonly #p50Ms = 5;
  slowCalls() {
    return [];
  }
  quantiles() {
    return { p50Ms: this.#p50Ms, p95Ms: 50, p99Ms: 500 };
  }
}

test('what the System page shows is in the metrics, under stable names', async () => {
  const registry = new Registry();
  const ledger = new ResourceLedger(() => 0);
  const history = new FakeHistory();
  for (let call = 0; call < 3; call += 1) {
    const permit = history.breaker.tryCall();
    if (permit) history.breaker.settle(permit, 'failed', new Error('away'));
  }
  const owner = ledger.owner('connection 1');
  owner.acquire('wheel-slot');
  owner.close();
  addSystemMetrics(new MetricSet(registry), {
    journal: { held: { events: 7, eventsMax: 100 } },
    history,
    ledger,
    monitor: {
      memory: { limits: { rssBytes: 1000, heapUsedBytes: 500 }, stepsTaken: 2, sheds: 4 },
      watchers: { size: 1 },
      descriptors: { value: 42 },
    },
    chaos: { report: () => ({ active: ['cut'], injected: 9 }) },
  });
  const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  expect(lines).toEqual(
    expect.arrayContaining([
      'tailrace_breaker_state{name="history"} 2',
      'tailrace_breaker_opened_total{name="history"} 1',
      'tailrace_history_call_seconds{quantile="0.5"} 0.005',
      'tailrace_history_call_seconds{quantile="0.99"} 0.5',
      'tailrace_history_calls_total 10',
      'tailrace_history_failed_calls_total 3',
      'tailrace_history_refused_calls_total 2',
      'tailrace_history_slow_calls_total 1',
      'tailrace_held_events 7',
      'tailrace_resources{kind="wheel-slot"} 1',
      'tailrace_resources{kind="watch"} 0',
      'tailrace_leaked_resources 1',
      'tailrace_shed_step 2',
      'tailrace_sheds_total 4',
      'tailrace_watchers 1',
      'tailrace_process_open_fds 42',
      'tailrace_chaos_faults_active 1',
      'tailrace_chaos_faults_injected_total 9',
    ]),
  );
});

test('a second reading does not add to the first, and labels that are gone are gone', async () => {
  const registry = new Registry();
  const set = new MetricSet(registry);
  let closed = new Map([['idle', 2]]);
  set.counters('closed_total', 'Closed.', ['reason'], () => [...closed].map(([reason, count]) => [{ reason }, count]));
  await registry.metrics();
  expect(await registry.metrics()).toContain('tailrace_closed_total{reason="idle"} 2');
  closed = new Map([['age', 1]]);
  const text = await registry.metrics();
  expect(text).toContain('tailrace_closed_total{reason="age"} 1');
  expect(text).not.toContain('idle');
});
