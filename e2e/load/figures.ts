import { type Herd, herdOf } from './herd.ts';
import type { Histogram } from './histogram.ts';
import type { StormReport } from './messages.ts';
import type { ServerSample } from './server-sample.ts';
import { type Slope, slopeOf } from './slope.ts';
import { type Counts, type ErrorKind, errorsOf } from './tally.ts';
import type { Sample } from './timeline.ts';

export type StormFigures = {
  readonly dropped: number;
  readonly recovered: number;
  /** From the drop until the last one had everything. */
  readonly lastS: number;
  readonly herd: Herd | undefined;
};

/** Of the hold stage: means of CPU and shares; of delays the 90th percentile of the seconds, so that one hiccup is none. */
export type ServerFigures = {
  readonly cpuShare?: number;
  readonly cpuShareMax?: number;
  readonly loopDelayP99Ms?: number;
  readonly loopBusy?: number;
  readonly gcShare?: number;
  readonly historyP99Ms?: number;
  readonly slowCalls?: number;
  readonly breakersOpened?: number;
  readonly heldEventsMax?: number;
  readonly lagging?: number;
  readonly queuedBytes?: number;
  readonly rssBeforeBytes?: number;
  readonly rssPeakBytes?: number;
  readonly rssEndBytes?: number;
  readonly kibPerConnection?: number;
  readonly leaked?: number;
  readonly connectionsLeft?: number;
};

export type Figures = {
  readonly holdS: number;
  readonly viewers: number;
  readonly slow: number;
  readonly inWanted: number;
  readonly inPerS: number;
  readonly outPerS: number;
  readonly bytesPerS: number;
  readonly counts: Counts;
  readonly examples: Partial<Record<ErrorKind, string>>;
  readonly errorPercent: number;
  readonly latency: {
    readonly samples: number;
    readonly p50Ms: number;
    readonly p95Ms: number;
    readonly p99Ms: number;
    readonly maxMs: number;
  };
  readonly storms: readonly StormFigures[];
  readonly unsettled: number | undefined;
  readonly server: ServerFigures;
  /** Of all cores of the machine that the run was led from; 0 to 1. */
  readonly machineBusy: number;
  readonly client: { readonly cpuShare: number; readonly cpuShareMax: number; readonly loopMs: number };
  /** Of the second half of a run of nothing but churn. */
  readonly memory: { readonly slope: Slope; readonly perThousandConnects: number } | undefined;
  readonly acksSupported: boolean;
  /** Why the run ended before its time; undefined: it did not. */
  readonly stopped: string | undefined;
};

/** Everything that a run has gathered. */
export type Gathered = {
  readonly samples: readonly Sample[];
  readonly counts: Counts;
  readonly examples: Partial<Record<ErrorKind, string>>;
  readonly latency: Histogram;
  readonly storms: readonly StormReport[];
  readonly unsettled: number | undefined;
  readonly acksSupported: boolean;
  readonly stopped: string | undefined;
  readonly before: ServerSample;
  /** After all were gone, if the server was asked. */
  readonly after: ServerSample | undefined;
  readonly options: {
    readonly viewers: number;
    readonly slow: number;
    readonly rate: number;
    readonly churnTotal?: number;
  };
};

/** One attempt: a connect, a body of events, an acknowledgement. */
const attemptsOf = (counts: Counts): number => counts.attempts + counts.posts + counts.acks;

export function figuresOf(gathered: Gathered): Figures {
  const { samples, counts, examples, latency, storms, unsettled, options, acksSupported, stopped } = gathered;
  const held = samples.filter(({ stage }) => stage === 'hold');
  const seen = held.length > 0 ? held : samples;
  const of = (pick: (sample: Sample) => number): number => mean(seen.map(pick)) ?? 0;
  return {
    holdS: held.length > 1 ? ((held.at(-1)?.atMs ?? 0) - (held[0]?.atMs ?? 0)) / 1000 : 0,
    viewers: options.viewers,
    slow: options.slow,
    inWanted: options.rate,
    inPerS: of(({ inPerS }) => inPerS),
    outPerS: of(({ outPerS }) => outPerS),
    bytesPerS: of(({ bytesPerS }) => bytesPerS),
    counts,
    examples,
    errorPercent: (100 * errorsOf(counts)) / Math.max(1, attemptsOf(counts)),
    latency: {
      samples: latency.total,
      p50Ms: latency.quantile(0.5),
      p95Ms: latency.quantile(0.95),
      p99Ms: latency.quantile(0.99),
      maxMs: latency.maxMs,
    },
    storms: storms.map(({ dropped, recovered, lastMs, bins }) => ({
      dropped,
      recovered,
      lastS: lastMs / 1000,
      herd: herdOf(bins),
    })),
    unsettled,
    server: serverFigures(gathered, seen),
    machineBusy: of(({ machineBusy }) => machineBusy),
    client: {
      cpuShare: of(({ clientCpu }) => clientCpu),
      cpuShareMax: of(({ clientCpuMax }) => clientCpuMax),
      loopMs:
        quantile(
          seen.map(({ clientLoopMs }) => clientLoopMs),
          0.9,
        ) ?? 0,
    },
    memory: options.churnTotal === undefined ? undefined : memorySlope(held),
    acksSupported,
    stopped,
  };
}

function serverFigures({ samples, before, after, options }: Gathered, seen: readonly Sample[]): ServerFigures {
  const values = (pick: (server: ServerSample) => number | undefined, from = seen): number[] =>
    from.flatMap(({ server }) => pick(server) ?? []);
  const rss = values(({ rssBytes }) => rssBytes);
  // The middle of the last seconds: one collection more or less is not the cost of a connection.
  const rssHeld = quantile(rss.slice(-5), 0.5);
  const grown = (pick: (server: ServerSample) => number | undefined): number | undefined => {
    const end = max(values(pick, samples));
    return end === undefined ? undefined : end - (pick(before) ?? 0);
  };
  const figures: { readonly [Key in keyof ServerFigures]: ServerFigures[Key] | undefined } = {
    cpuShare: mean(values(({ cpuShare }) => cpuShare)),
    cpuShareMax: max(values(({ cpuShare }) => cpuShare)),
    loopDelayP99Ms: quantile(
      values(({ loopDelayP99Ms }) => loopDelayP99Ms),
      0.9,
    ),
    loopBusy: mean(values(({ loopBusy }) => loopBusy)),
    gcShare: mean(values(({ gcShare }) => gcShare)),
    historyP99Ms: quantile(
      values(({ historyP99Ms }) => historyP99Ms),
      0.9,
    ),
    slowCalls: grown(({ slowCalls }) => slowCalls),
    breakersOpened: grown(({ breakersOpened }) => breakersOpened),
    heldEventsMax: max(values(({ heldEvents }) => heldEvents, samples)),
    lagging: mean(values(({ lagging }) => lagging)),
    queuedBytes: max(values(({ queuedBytes }) => queuedBytes)),
    rssBeforeBytes: before.rssBytes,
    rssPeakBytes: max(values(({ rssBytes }) => rssBytes, samples)),
    rssEndBytes: (after ?? samples.at(-1)?.server)?.rssBytes,
    kibPerConnection:
      rssHeld === undefined || before.rssBytes === undefined || options.viewers === 0
        ? undefined
        : (rssHeld - before.rssBytes) / 1024 / options.viewers,
    leaked: after?.leaked,
    connectionsLeft:
      after?.connections === undefined ? undefined : Math.max(0, after.connections - (before.connections ?? 0)),
  };
  return Object.fromEntries(Object.entries(figures).filter(([, value]) => value !== undefined));
}

/** The first half fills caches and heap; what still climbs in the second climbs for ever. */
function memorySlope(held: readonly Sample[]): Figures['memory'] {
  const half = held.slice(held.length >> 1);
  const points = half.flatMap(({ atMs, server }) =>
    server.rssBytes === undefined ? [] : [[atMs / 1000, server.rssBytes] as const],
  );
  const slope = slopeOf(points);
  const perSecond = mean(half.map(({ churnedPerS }) => churnedPerS));
  if (!slope || !perSecond) return undefined;
  return { slope, perThousandConnects: (slope.perUnit / perSecond) * 1000 };
}

function mean(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function max(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((most, value) => Math.max(most, value));
}

function quantile(values: readonly number[], share: number): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
}
