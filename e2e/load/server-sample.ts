import { z } from 'zod';
import { SYSTEM_METRIC_NAMES, type SystemMetric, systemFrameSchema } from '@/lib/wire/system-pages.ts';

/** The server as it stood last; whatever it does not tell is absent. */
export type ServerSample = {
  /** Of one core: 1.5 is one core and a half. */
  readonly cpuShare?: number;
  readonly rssBytes?: number;
  readonly loopDelayP99Ms?: number;
  /** 0 to 1. */
  readonly loopBusy?: number;
  /** Share of the time that garbage collection has stood still for, 0 to 1. */
  readonly gcShare?: number;
  readonly historyP99Ms?: number;
  /** Since the server started. */
  readonly slowCalls?: number;
  readonly breakersOpened?: number;
  readonly heldEvents?: number;
  readonly connections?: number;
  readonly lagging?: number;
  readonly queuedBytes?: number;
  readonly leaked?: number;
};

/** What one frame of `GET /api/system/stream` tells. Throws when it is none. */
export function readSystemFrame(data: string): ServerSample {
  const { report, samples } = systemFrameSchema.parse(JSON.parse(data));
  const last = samples.at(-1)?.values;
  const metric = (name: SystemMetric): number | undefined => last?.[SYSTEM_METRIC_NAMES.indexOf(name)] ?? undefined;
  const share = (percent: number | undefined): number | undefined =>
    percent === undefined ? undefined : percent / 100;
  const gcPauseMs = metric('gcPauseMs');
  return known({
    cpuShare: share(metric('cpu')),
    rssBytes: metric('rssBytes'),
    loopDelayP99Ms: metric('loopDelayP99Ms'),
    loopBusy: share(metric('loopUtilization')),
    // Milliseconds in the second of the sample.
    gcShare: gcPauseMs === undefined ? undefined : gcPauseMs / 1000,
    historyP99Ms: metric('historyP99Ms'),
    breakersOpened: report.breakers.reduce((sum, { opened }) => sum + opened, 0),
    slowCalls: report.slowCalls.length,
    heldEvents: report.held.events,
    leaked: report.ledger.leaked,
  });
}

/** What `GET /metrics` tells, of any server that uses prom-client. */
export function readMetrics(text: string): ServerSample {
  const value = (name: string): number | undefined => {
    const match = new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(text);
    return match ? z.coerce.number().safeParse(match[1]).data : undefined;
  };
  const lagS = value('tailrace_nodejs_eventloop_lag_p99_seconds');
  return known({
    connections: value('tailrace_connections'),
    loopDelayP99Ms: lagS === undefined ? undefined : lagS * 1000,
    leaked: value('tailrace_leaked_resources'),
  });
}

function known(sample: { readonly [Key in keyof ServerSample]: ServerSample[Key] | undefined }): ServerSample {
  return Object.fromEntries(Object.entries(sample).filter(([, value]) => value !== undefined));
}
