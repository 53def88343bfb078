import {
  SYSTEM_METRIC_NAMES,
  type SystemMetric,
  type SystemReport,
  type SystemSample,
} from '@/lib/wire/system-pages.ts';

/** A server to which nothing is the matter. */
export function calmReport(changes: Partial<SystemReport> = {}): SystemReport {
  return {
    nowMs: 1_000_000,
    startedMs: 0,
    version: '1.0.0',
    nodeVersion: 'v20.20.0',
    pid: 1,
    cores: 2,
    memory: { softMaxBytes: 1000, shed: 'none', sheds: 0 },
    descriptorsMax: 1000,
    heapSpaces: [],
    gc: [],
    slowCalls: [],
    breakers: [],
    held: { events: 0, eventsMax: 20_000 },
    ledger: { held: {}, leaked: 0, leaks: [] },
    enabled: { chaos: false, diagnostics: false },
    ...changes,
  };
}

/** One second in which only this was measured. */
export function sample(atMs: number, values: Partial<Record<SystemMetric, number>>): SystemSample {
  return { atMs, values: SYSTEM_METRIC_NAMES.map((metric) => values[metric] ?? null) };
}

/** A metric second after second. */
export function seconds(metric: SystemMetric, values: readonly (number | undefined)[]): SystemSample[] {
  return values.map((value, second) => sample(second * 1000, value === undefined ? {} : { [metric]: value }));
}
