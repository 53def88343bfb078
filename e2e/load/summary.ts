import type { Figures } from './figures.ts';
import { ERROR_KINDS, errorsOf } from './tally.ts';

/** What is told at the end, in groups of name and value: the terminal and the page show the same. */
export type Summary = readonly { readonly title: string; readonly rows: readonly (readonly [string, string])[] }[];

export function summarise(figures: Figures): Summary {
  return [
    { title: 'Latency, end to end', rows: latencyRows(figures) },
    { title: 'Events', rows: eventRows(figures) },
    { title: 'Streams', rows: streamRows(figures) },
    { title: 'Server', rows: serverRows(figures) },
    { title: 'Load client', rows: clientRows(figures) },
  ];
}

function latencyRows({ latency }: Figures): [string, string][] {
  if (latency.samples === 0) return [['samples', 'none']];
  return [
    ['p50', ms(latency.p50Ms)],
    ['p95', ms(latency.p95Ms)],
    ['p99', ms(latency.p99Ms)],
    ['max', ms(latency.maxMs)],
    ['samples', whole(latency.samples)],
  ];
}

function eventRows({ counts, inPerS, inWanted, outPerS, bytesPerS, unsettled }: Figures): [string, string][] {
  return [
    ['in', `${whole(counts.published)}, ${whole(inPerS)}/s of ${whole(inWanted)}/s wanted`],
    ['out', `${whole(counts.deliveries)}, ${whole(outPerS)}/s, ${mib(bytesPerS)}/s`],
    ['lost', whole(counts.lost)],
    ['repeated', whole(counts.repeated)],
    ['told as missed', `${whole(counts.missed)}, ${whole(counts.resets)} fresh starts`],
    ...(unsettled === undefined ? [] : [['without the last', `${whole(unsettled)} viewers`] as [string, string]]),
  ];
}

function streamRows(figures: Figures): [string, string][] {
  const { counts, storms, examples, errorPercent, acksSupported } = figures;
  const errors = ERROR_KINDS.filter((kind) => counts[kind] > 0).map((kind): [string, string] => [
    `  ${kind}`,
    `${whole(counts[kind])}, such as: ${examples[kind] ?? ''}`,
  ]);
  return [
    ['opened', whole(counts.opened)],
    ['resumed', whole(counts.resumed)],
    ['told to come later', whole(counts.refused)],
    ['broken off (churn)', whole(counts.churned)],
    ['acknowledgements', acksSupported ? whole(counts.acks) : 'none: not asked for, or the server takes none'],
    ...storms.map(({ dropped, recovered, lastS, herd }, index): [string, string] => [
      `storm ${index + 1}`,
      `${whole(recovered)} of ${whole(dropped)} back within ${lastS.toFixed(1)} s` +
        (herd ? `; busiest second ${whole(herd.peakPerSecond)}, ${herd.factor.toFixed(2)} × the mean` : ''),
    ]),
    ['errors', `${whole(errorsOf(counts))}, ${errorPercent.toFixed(2)} % of all attempts`],
    ...errors,
  ];
}

function serverRows({ server, memory, counts }: Figures): [string, string][] {
  const rows: [string, string | undefined][] = [
    [
      'CPU',
      each(server.cpuShare, (share) => `${percent(share)} of a core, at most ${percent(server.cpuShareMax ?? share)}`),
    ],
    [
      'memory',
      each(
        server.rssPeakBytes,
        (peak) =>
          `${mib(server.rssBeforeBytes ?? 0)} before, ${mib(peak)} at most, ${mib(server.rssEndBytes ?? 0)} after`,
      ),
    ],
    // Events, rings and replays fill memory too: only without them is it the connections.
    [
      'memory a connection',
      counts.published > 0 ? undefined : each(server.kibPerConnection, (kib) => `${kib.toFixed(1)} KiB`),
    ],
    [
      'memory climbs',
      each(
        memory,
        ({ slope, perThousandConnects }) =>
          `${kib(slope.perUnit)}/s ± ${kib(2 * slope.error)}/s, ${kib(perThousandConnects)} for 1,000 connects`,
      ),
    ],
    [
      'event loop',
      each(
        server.loopDelayP99Ms,
        (delay) =>
          `late by ${ms(delay)} (p99)${server.loopBusy === undefined ? '' : `, busy ${percent(server.loopBusy)}`}`,
      ),
    ],
    ['garbage collection', each(server.gcShare, (share) => `${percent(share)} of the time`)],
    [
      'history',
      each(
        server.historyP99Ms,
        (p99) =>
          `${ms(p99)} (p99), ${whole(server.slowCalls ?? 0)} slow calls, breaker opened ${whole(server.breakersOpened ?? 0)} times`,
      ),
    ],
    ['not stored at once', each(server.heldEventsMax, (held) => `${whole(held)} events at most`)],
    [
      'lagging',
      each(server.lagging, (lagging) => `${whole(lagging)} streams, ${mib(server.queuedBytes ?? 0)} queued at most`),
    ],
    [
      'left behind',
      each(
        server.connectionsLeft,
        (left) =>
          `${whole(left)} connections, ${server.leaked === undefined ? 'ledger not told' : `${whole(server.leaked)} leaked`}`,
      ),
    ],
  ];
  const told = rows.filter((row): row is [string, string] => row[1] !== undefined);
  return told.length > 0 ? told : [['figures', 'the server tells none, and its process is not known (--pid)']];
}

function clientRows({ client, machineBusy }: Figures): [string, string][] {
  return [
    ['CPU', `${percent(client.cpuShare)} of a core`],
    ['event loop', `late by ${ms(client.loopMs)} (p99)`],
    ['its machine', `busy ${percent(machineBusy)}, with all that runs there`],
  ];
}

function each<T>(value: T | undefined, tell: (value: T) => string): string | undefined {
  return value === undefined ? undefined : tell(value);
}
function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
function ms(value: number): string {
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ms`;
}
function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}
function mib(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}
function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
