import type { Figures } from '../figures.ts';
import { noCounts } from '../tally.ts';

/** A run in which nothing went wrong and nothing was strained. */
export function makeFigures(changes: Partial<Figures> = {}): Figures {
  return {
    holdS: 60,
    viewers: 500,
    slow: 5,
    inWanted: 500,
    inPerS: 500,
    outPerS: 120_000,
    bytesPerS: 40e6,
    counts: { ...noCounts(), attempts: 1000, posts: 1000, published: 30_000, deliveries: 7e6 },
    examples: {},
    errorPercent: 0,
    latency: { samples: 1e6, p50Ms: 20, p95Ms: 40, p99Ms: 60, maxMs: 200 },
    storms: [{ dropped: 500, recovered: 500, lastS: 3.1, herd: { returned: 500, peakPerSecond: 260, factor: 1.04 } }],
    unsettled: 0,
    server: {
      cpuShare: 0.3,
      loopDelayP99Ms: 12,
      loopBusy: 0.25,
      gcShare: 0.01,
      historyP99Ms: 15,
      slowCalls: 0,
      breakersOpened: 0,
      lagging: 5,
      queuedBytes: 300_000,
      leaked: 0,
      connectionsLeft: 0,
    },
    machineBusy: 0.3,
    client: { cpuShare: 0.15, cpuShareMax: 0.15, loopMs: 5 },
    memory: undefined,
    acksSupported: true,
    stopped: undefined,
    ...changes,
  };
}
