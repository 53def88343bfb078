import type { Figures } from './figures.ts';

export const BOTTLENECKS = [
  'machine',
  'load client',
  'database',
  'garbage collection',
  'server CPU',
  'event loop',
  'socket back-pressure',
] as const;
export type Bottleneck = (typeof BOTTLENECKS)[number];

export type Evidence = {
  readonly bottleneck: Bottleneck;
  readonly says: string;
  /** Measured ÷ threshold: from 1 on it is one. */
  readonly pressure: number;
};

export type Suspicion = {
  readonly name: Bottleneck | 'none';
  readonly sentence: string;
  /** All that could be measured, in the order of BOTTLENECKS. */
  readonly evidence: readonly Evidence[];
};

const LIMITS = {
  /** Of all cores together. */
  machineShare: 0.9,
  /** A worker's CPU, of one core, and its loop delay: beyond these it measures itself. */
  clientShare: 0.95,
  clientLoopMs: 150,
  historyMs: 500,
  slowCalls: 10,
  gcShare: 0.1,
  cpuShare: 0.9,
  loopMs: 200,
  loopBusy: 0.9,
  /** Of the viewers, beyond those that are slow on purpose. */
  laggingShare: 0.05,
  queuedBytesPerViewer: 32 * 1024,
} as const;

/**
 * Names what holds the run back, from the figures of its hold stage. Causes come before their symptoms: a machine without
 * a free core makes everything late, a collection that takes a tenth of the time makes the CPU busy, and a busy CPU makes
 * the loop late and readers lag. So the first in the order of BOTTLENECKS that is beyond its threshold is named.
 */
export function suspect(figures: Figures, cores: number): Suspicion {
  const measures: readonly [Bottleneck, Measure[]][] = [
    ['machine', machine(figures, cores)],
    ['load client', client(figures)],
    ['database', database(figures)],
    ['garbage collection', shareOf('collections take', figures.server.gcShare, 'of the time', LIMITS.gcShare)],
    ['server CPU', shareOf('the server uses', figures.server.cpuShare, 'of a core', LIMITS.cpuShare)],
    ['event loop', eventLoop(figures)],
    ['socket back-pressure', backPressure(figures)],
  ];
  const evidence = measures.flatMap(([bottleneck, found]): Evidence[] => {
    const [worst] = found.toSorted((a, b) => b.pressure - a.pressure);
    if (!worst) return [];
    return [{ bottleneck, says: found.map(({ says }) => says).join('; '), pressure: worst.pressure }];
  });
  const culprit = evidence.find(({ pressure }) => pressure >= 1);
  if (culprit) {
    return {
      name: culprit.bottleneck,
      sentence: `Suspected bottleneck: ${culprit.bottleneck}. ${capital(culprit.says)}.`,
      evidence,
    };
  }
  const [highest] = evidence.toSorted((a, b) => b.pressure - a.pressure);
  const sentence = highest
    ? `No bottleneck found: all are below their thresholds; the highest is ${highest.bottleneck} at ${percent(highest.pressure)} of its own (${highest.says}).`
    : 'No bottleneck found: nothing could be measured.';
  return { name: 'none', sentence, evidence };
}

type Measure = { readonly says: string; readonly pressure: number };

function machine({ server, client, machineBusy }: Figures, cores: number): Measure[] {
  const ours = (server.cpuShare ?? 0) + client.cpuShare;
  const others = Math.max(0, machineBusy * cores - ours);
  const says =
    `its ${cores} cores are busy ${percent(machineBusy)} of the time ` +
    `(server ${percent(server.cpuShare ?? 0)} of one, load client ${percent(client.cpuShare)}, all else ${percent(others)})`;
  return [{ says, pressure: machineBusy / LIMITS.machineShare }];
}

function client({ client: { cpuShareMax, loopMs } }: Figures): Measure[] {
  return [
    { says: `its busiest worker uses ${percent(cpuShareMax)} of a core`, pressure: cpuShareMax / LIMITS.clientShare },
    { says: `its loop is late by ${loopMs.toFixed(0)} ms (p99)`, pressure: loopMs / LIMITS.clientLoopMs },
  ];
}

function database({ server }: Figures): Measure[] {
  const { historyP99Ms, slowCalls, breakersOpened } = server;
  const found: Measure[] = [];
  if (historyP99Ms !== undefined) {
    // The answer of the history has to wait for the loop like everything else: that part is not the database's.
    const ownMs = Math.max(0, historyP99Ms - (server.loopDelayP99Ms ?? 0));
    found.push({ says: `calls of the history take ${ownMs.toFixed(0)} ms (p99)`, pressure: ownMs / LIMITS.historyMs });
  }
  if (slowCalls !== undefined) {
    found.push({ says: `${slowCalls} of them were slow`, pressure: slowCalls / LIMITS.slowCalls });
  }
  if (breakersOpened) found.push({ says: `its breaker opened ${breakersOpened} times`, pressure: 1 + breakersOpened });
  return found;
}

function eventLoop({ server }: Figures): Measure[] {
  const late = server.loopDelayP99Ms;
  const says = `it is late by ${late?.toFixed(0)} ms (p99)`;
  return [
    ...(late === undefined ? [] : [{ says, pressure: late / LIMITS.loopMs }]),
    ...shareOf('it is busy', server.loopBusy, 'of the time', LIMITS.loopBusy),
  ];
}

function backPressure({ server, viewers, slow }: Figures): Measure[] {
  const found: Measure[] = [];
  const many = Math.max(1, viewers);
  if (server.lagging !== undefined) {
    const lagging = Math.max(0, server.lagging - slow);
    const says = `${lagging.toFixed(0)} of ${viewers} viewers lag, beside the ${slow} slow ones`;
    found.push({ says, pressure: lagging / many / LIMITS.laggingShare });
  }
  if (server.queuedBytes !== undefined) {
    const says = `${(server.queuedBytes / 1024).toFixed(0)} KiB wait for sockets at most`;
    found.push({ says, pressure: server.queuedBytes / (many + slow) / LIMITS.queuedBytesPerViewer });
  }
  return found;
}

function shareOf(before: string, share: number | undefined, after: string, limit: number): Measure[] {
  if (share === undefined) return [];
  return [{ says: `${before} ${percent(share)} ${after}`, pressure: share / limit }];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
