import { readFileSync, writeFileSync } from 'node:fs';
import { median } from './child.ts';
import { bareFanOut, type FanOutResult, fanOut } from './fan-out.ts';
import { bareIdle, idle, rest } from './idle.ts';
import { bareIngest, ingest } from './ingest.ts';
import { lineRows } from './lines.ts';
import { forwardAcks, type ListenerResult, syslogTcp } from './listeners.ts';
import { loadRows } from './load-rows.ts';
import { firstPaint, flood } from './paint.ts';
import { protocolRows } from './protocols.ts';
import { bareReplay, replay } from './replay.ts';
import { type Row, round } from './row.ts';
import { switching } from './switch.ts';
import { tailFileRows } from './tail-file.ts';
import { transportRows } from './transports.ts';

async function ingestRows(): Promise<Row[]> {
  const [bare, ours] = [await bareIngest(6), await ingest(15)];
  return [
    {
      what: 'Ingest over HTTP, durable',
      measured: `${round(ours.eventsPerSecond)} events/s; loop delay p99 ${round(ours.loopDelayP99Ms)} ms; peak ${round(ours.rssPeakMb)} MB`,
      floor: `${round(bare.eventsPerSecond)} events/s (JSON.parse and the same SQLite, unchecked, on one thread)`,
      target: '≥ 50,000 events/s, p99 < 50 ms, < 400 MB',
    },
  ];
}

/** Floor and Tailrace in turn, so that a machine that slows down slows both; the middle of the ratios counts. */
async function fanOutRow(connections: number, rounds: number, target: string): Promise<Row> {
  const [bare, ours]: [FanOutResult[], FanOutResult[]] = [[], []];
  for (let turn = 0; turn < rounds; turn += 1) {
    bare.push(await bareFanOut(connections, 1000, 6));
    ours.push(await fanOut(connections, 1000, 6));
  }
  const ratio = median(
    ours.map((result, index) => result.cpuUsPerDelivery / (bare[index]?.cpuUsPerDelivery ?? Number.NaN)),
  );
  const lost = ours.reduce((sum, result) => sum + result.lost + result.repeated, 0);
  const middle = (results: FanOutResult[], pick: (result: FanOutResult) => number): number => median(results.map(pick));
  return {
    what: `${round(connections)} streams × 1,000 events/s`,
    measured:
      `${round(middle(ours, (r) => r.eventsPerSecond))} deliveries/s; p99 ${round(middle(ours, (r) => r.p99Ms))} ms; ` +
      `${round(
        middle(ours, (r) => r.cpuUsPerDelivery),
        2,
      )} µs CPU each, ${round(ratio, 2)}× the floor; ${lost} lost or repeated`,
    floor:
      `${round(middle(bare, (r) => r.eventsPerSecond))} deliveries/s; p99 ${round(middle(bare, (r) => r.p99Ms))} ms; ` +
      `${round(
        middle(bare, (r) => r.cpuUsPerDelivery),
        2,
      )} µs (bare node:http, 20 ms a write)`,
    target,
  };
}

async function replayRows(): Promise<Row[]> {
  const bare = await bareReplay(200_000, 5);
  const [ring, history] = [await replay('ring', 200_000, 5), await replay('history', 200_000, 5)];
  const floor = `${round(bare.eventsPerSecond)} events/s (bare node:http, frames encoded beforehand)`;
  const row = (what: string, result: { eventsPerSecond: number }, target: string): Row => ({
    what,
    measured: `${round(result.eventsPerSecond)} events/s`,
    floor,
    target,
  });
  return [
    row('Replay from the ring', ring, '≥ 200,000 events/s'),
    row('Replay from SQLite', history, '≥ 100,000 events/s'),
  ];
}

async function idleRows(): Promise<Row[]> {
  const [bare, ours, restMb] = [await bareIdle(5000), await idle(5000), await rest()];
  return [
    {
      what: 'An idle stream',
      measured: `${round(ours.kibPerConnection, 1)} KiB`,
      floor: `${round(bare.kibPerConnection, 1)} KiB (bare node:http)`,
      target: '≤ 20 KiB',
    },
    { what: 'The process at rest', measured: `${round(restMb)} MB`, floor: '', target: '< 200 MB' },
  ];
}

async function listenerRows(): Promise<Row[]> {
  const row = (what: string, { eventsPerSecond, rssPeakMb }: ListenerResult): Row => ({
    what,
    measured: `${round(eventsPerSecond)} events/s; peak ${round(rssPeakMb)} MB`,
    floor: '',
    target: '≥ 30,000 events/s',
  });
  return [
    row('Syslog over TCP, durable', await syslogTcp(10)),
    row('Fluent forward, each chunk acknowledged', await forwardAcks(10)),
  ];
}

async function paintRows(): Promise<Row[]> {
  const paint = await firstPaint(5_000_000, 5);
  return [
    {
      what: `First paint, ${round(paint.events)} events stored`,
      measured: `${round(paint.firstPaintMs)} ms; first line ${round(paint.firstRowMs)} ms`,
      floor: '',
      target: '< 1 s',
    },
  ];
}

async function floodRows(): Promise<Row[]> {
  const result = await flood(10_000, 60);
  return [
    {
      what: '10,000 lines/s offered to the page for 60 s',
      measured:
        `${round(result.linesPerSecond)} lines/s taken; longest task ${round(result.longestTaskMs)} ms, ${result.tasksOver100Ms} over 100 ms; ` +
        `heap ${round(result.heapStartMb)} → ${round(result.heapEndMb)} MB; ${result.verdict}`,
      floor: '',
      target: 'no task over 100 ms, heap flat',
    },
  ];
}

async function switchRows(): Promise<Row[]> {
  const { medianMs, slowestMs, switches, verdict } = await switching(1000, 5);
  return [
    {
      what: 'Changing the transport in the browser at 1,000 events/s',
      measured: `${round(medianMs)} ms, the slowest of ${switches} ${round(slowestMs)} ms; ${verdict}`,
      floor: '',
      target: '< 1 s',
    },
  ];
}

const CASES: Readonly<Record<string, () => Promise<Row[]>>> = {
  ingest: ingestRows,
  'fan-out': async () => [await fanOutRow(1000, 3, 'p99 < 100 ms, ≤ 1.3× the floor')],
  'fan-out-5000': async () => [await fanOutRow(5000, 3, '≤ 1.5× the floor')],
  replay: replayRows,
  idle: idleRows,
  ...transportRows,
  switch: switchRows,
  lines: lineRows,
  protocols: protocolRows,
  listeners: listenerRows,
  ...loadRows,
  'tail-file': tailFileRows,
  paint: paintRows,
  flood: floodRows,
};

function table(rows: readonly Row[]): string {
  const cells = rows.map(({ what, measured, floor, target }) => `| ${what} | ${measured} | ${floor} | ${target} |`);
  return ['| what | measured | floor | target |', '| --- | --- | --- | --- |', ...cells].join('\n');
}

const wanted = process.argv.slice(2).filter((name) => !name.startsWith('--'));
const unknown = wanted.filter((name) => !(name in CASES));
if (process.argv.includes('--help') || unknown.length > 0) {
  process.stdout.write(
    `npm run bench -- [--write] [${Object.keys(CASES).join('|')} …]\n  --write puts the table into README.md\n`,
  );
  process.exit(unknown.length > 0 ? 2 : 0);
}
const rows: Row[] = [];
for (const [name, run] of Object.entries(CASES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stdout.write(`${name} …\n`);
  const fresh = await run();
  rows.push(...fresh);
  process.stdout.write(`${table(fresh)}\n\n`);
}
if (process.argv.includes('--write')) {
  const readme = readFileSync('README.md', 'utf8');
  const block = /(<!-- bench -->)[\s\S]*(<!-- \/bench -->)/;
  writeFileSync(
    'README.md',
    readme.replace(block, (_all, open, close) => `${open}\n${table(rows)}\n${close}`),
  );
}
