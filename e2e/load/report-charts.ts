import { availableParallelism } from 'node:os';
import { STAGES } from './stage-plan.ts';
import { type Line, svgChart } from './svg-chart.ts';
import type { Sample } from './timeline.ts';

const MIB = 1024 * 1024;

/** The charts of a report, in the order in which a story is told: who was there, what went through, how late, at what cost. */
export function reportCharts(samples: readonly Sample[]): string {
  const atS = samples.map(({ atMs }) => atMs / 1000);
  const marks = STAGES.flatMap((stage) => {
    const first = samples.find((sample) => sample.stage === stage);
    return first ? [{ atS: first.atMs / 1000, name: stage }] : [];
  });
  const line = (name: string, color: number, pick: (sample: Sample) => number | undefined): Line => ({
    name,
    color,
    values: samples.map(pick),
  });
  const chart = (title: string, unit: string, all: readonly Line[]): string => {
    const lines = all.filter(({ values }) => values.some((value) => value !== undefined));
    return lines.length === 0 ? '' : svgChart({ title, unit, atS, marks, lines });
  };
  return [
    chart('Viewers', 'streams', [
      line('wanted', 4, ({ wanted }) => wanted),
      line('open', 1, ({ open }) => open),
      line('lagging', 2, ({ server }) => server.lagging),
    ]),
    chart('Arrivals', 'a second', [
      line('opened', 1, ({ openedPerS }) => openedPerS),
      line('resumed', 2, ({ resumedPerS }) => resumedPerS),
      line('broken off', 4, ({ churnedPerS }) => churnedPerS),
    ]),
    chart('Events in', 'a second', [line('stored', 1, ({ inPerS }) => inPerS)]),
    chart('Events out', 'a second', [line('delivered', 1, ({ outPerS }) => outPerS)]),
    chart('Latency', 'ms', [
      line('p50', 1, ({ latency }) => latency?.p50Ms),
      line('p95', 2, ({ latency }) => latency?.p95Ms),
      line('p99', 3, ({ latency }) => latency?.p99Ms),
    ]),
    chart('Lost, repeated, errors', 'since the beginning', [
      line('lost', 3, ({ lost }) => lost),
      line('repeated', 2, ({ repeated }) => repeated),
      line('errors', 4, ({ errors }) => errors),
    ]),
    chart('CPU', '% of a core', [
      line('server', 1, ({ server }) => (server.cpuShare === undefined ? undefined : server.cpuShare * 100)),
      line('load client', 4, ({ clientCpu }) => clientCpu * 100),
      line('all cores', 2, ({ machineBusy }) => machineBusy * availableParallelism() * 100),
    ]),
    chart('Memory of the server', 'MiB', [
      line('RSS', 1, ({ server }) => (server.rssBytes === undefined ? undefined : server.rssBytes / MIB)),
    ]),
    chart('Event loop, late by', 'ms (p99)', [
      line('server', 1, ({ server }) => server.loopDelayP99Ms),
      line('load client', 4, ({ clientLoopMs }) => clientLoopMs),
    ]),
    chart('History calls', 'ms (p99)', [line('all calls', 1, ({ server }) => server.historyP99Ms)]),
  ].join('\n');
}
