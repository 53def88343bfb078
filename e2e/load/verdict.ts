import type { Figures } from './figures.ts';

export type Thresholds = {
  readonly p99Ms: number;
  readonly lost: number;
  readonly repeated: number;
  readonly errorPercent: number;
  readonly resumeS: number;
  readonly herd: number;
};

export const DEFAULT_THRESHOLDS: Thresholds = {
  p99Ms: 500,
  lost: 0,
  repeated: 0,
  errorPercent: 1,
  resumeS: 15,
  herd: 2,
};

/** Fewer returns say nothing of evenness: chance alone fills one second twice as full as another. */
const HERD_MIN = 100;

export type Check = {
  readonly what: string;
  readonly value: string;
  readonly limit: string;
  /** undefined: there was nothing to judge, and why is in `value`. */
  readonly passed: boolean | undefined;
};

export type Verdict = { readonly passed: boolean; readonly checks: readonly Check[] };

const unjudged = (what: string, why: string, limit: string): Check => ({ what, value: why, limit, passed: undefined });
const number = (value: number, digits = 0): string => value.toLocaleString('en-US', { maximumFractionDigits: digits });

/** What the figures say to the thresholds. Passed: nothing that could be judged has failed, and something was judged. */
export function judge(figures: Figures, thresholds: Thresholds): Verdict {
  const atMost = (what: string, value: number, max: number, unit = '', digits = 0): Check => {
    const text = (amount: number): string => `${number(amount, digits)}${unit}`;
    return { what, value: text(value), limit: `≤ ${text(max)}`, passed: value <= max };
  };
  const { latency, counts, storms, server } = figures;
  const checks = [
    atMost('events lost', counts.lost, thresholds.lost),
    atMost('events repeated', counts.repeated, thresholds.repeated),
    atMost('events told as missed, streams told to start afresh', counts.missed + counts.resets, thresholds.lost),
    figures.unsettled === undefined
      ? unjudged('viewers without the last event', 'no last event was sent', '0')
      : atMost('viewers without the last event', figures.unsettled, 0),
    latency.samples > 0
      ? atMost('latency p99', latency.p99Ms, thresholds.p99Ms, ' ms', 1)
      : unjudged('latency p99', 'no event was delivered', `≤ ${thresholds.p99Ms} ms`),
    atMost('errors', figures.errorPercent, thresholds.errorPercent, ' %', 2),
    ...storms.flatMap((storm, index) =>
      stormChecks(storm, storms.length > 1 ? ` ${index + 1}` : '', thresholds, atMost),
    ),
    server.connectionsLeft === undefined
      ? unjudged('connections left behind', 'the server does not tell', '0')
      : atMost('connections left behind', server.connectionsLeft, 0),
    server.leaked === undefined
      ? unjudged('resources leaked', 'the server does not tell', '0')
      : atMost('resources leaked', server.leaked, 0),
    ...slopeCheck(figures),
    ...stoppedCheck(figures),
  ];
  return { passed: checks.every(({ passed }) => passed !== false), checks };
}

function stormChecks(
  storm: Figures['storms'][number],
  name: string,
  { resumeS, herd }: Thresholds,
  atMost: (what: string, value: number, max: number, unit?: string, digits?: number) => Check,
): Check[] {
  const { dropped, recovered, lastS } = storm;
  const back = `storm${name}: all ${number(dropped)} back`;
  return [
    recovered < dropped
      ? { what: back, value: `${number(dropped - recovered)} are missing`, limit: `≤ ${resumeS} s`, passed: false }
      : atMost(back, lastS, resumeS, ' s', 1),
    storm.herd && storm.herd.returned >= HERD_MIN
      ? atMost(`storm${name}: busiest second ÷ mean`, storm.herd.factor, herd, '', 2)
      : unjudged(`storm${name}: busiest second ÷ mean`, 'too few to judge', `≤ ${herd}`),
  ];
}

/** Only a run of nothing but comings and goings says that memory climbs: elsewhere viewers and events fill it first. */
function slopeCheck({ memory }: Figures): Check[] {
  if (!memory) return [];
  const { perUnit, error } = memory.slope;
  const kib = (bytes: number): string => `${number(bytes / 1024, 1)} KiB`;
  const value = `${kib(perUnit)}/s ± ${kib(2 * error)}/s`;
  return [{ what: 'memory climbs', value, limit: 'not told from 0', passed: perUnit <= 2 * error }];
}

/** Half a run proves nothing. */
function stoppedCheck({ stopped }: Figures): Check[] {
  if (stopped === undefined) return [];
  return [{ what: 'the run', value: `stopped early: ${stopped}`, limit: 'runs to its end', passed: false }];
}
