import type { BreakerReport, SlowCall } from '@/lib/wire/system-pages.ts';

/** What is watched of the history. Counters run since the start. */
export type WatchedHistory = {
  readonly breaker: { report(): BreakerReport };
  readonly counts: {
    readonly calls: number;
    readonly failures: number;
    readonly refused: number;
    readonly slow: number;
  };
  /** Newest first. */
  slowCalls(): readonly SlowCall[];
  /** Of the newest calls; undefined before the first. */
  quantiles(): { readonly p50Ms: number; readonly p95Ms: number; readonly p99Ms: number } | undefined;
};

/** What is watched of the journal: events that are given out and not stored yet, and how many it takes of them. */
export type WatchedJournal = {
  readonly headSeq: number;
  readonly held: { readonly events: number; readonly eventsMax: number };
  shortenRing(on: boolean): void;
};

/** What is watched of the faults on purpose. */
export type WatchedChaos = { report(): { readonly active: readonly unknown[]; readonly injected: number } };
