import { median } from './child.ts';
import { bareFanOut } from './fan-out.ts';
import { bareIdle, type IdleResult, idle } from './idle.ts';
import { type LoadResult, runLoad } from './load-profile.ts';
import { type Row, round } from './row.ts';

const IDLE_ROUNDS = 3;
const IDLE_WATCHED_SECONDS = 60;

const wrong = ({ counts }: LoadResult): number => counts.lost + counts.repeated + counts.missed;

/** Floor and Tailrace in turn, under the same clients; `npm run load` adds what acknowledging clients cost. */
async function idleRow(): Promise<Row> {
  const [bare, ours]: [IdleResult[], IdleResult[]] = [[], []];
  for (let turn = 0; turn < IDLE_ROUNDS; turn += 1) {
    bare.push(await bareIdle(10_000, IDLE_WATCHED_SECONDS));
    ours.push(await idle(10_000, IDLE_WATCHED_SECONDS));
  }
  const acknowledging = runLoad('idle10k');
  const cost = (results: IdleResult[]): string =>
    `${round(median(results.map((r) => r.kibPerConnection)), 1)} KiB each; ${round(median(results.map((r) => r.cpuShare)) * 100, 1)} % of a core`;
  return {
    what: '10,000 idle streams with heartbeats',
    measured:
      `${cost(ours)}; with clients that acknowledge, under npm run load ` +
      `${round(acknowledging.server.kibPerConnection ?? Number.NaN, 1)} KiB, ${round(acknowledging.holdCpuShare * 100)} %`,
    floor: `${cost(bare)} (bare node:http, as many heartbeats)`,
    target: '≤ 16 KiB, < 3 %',
  };
}

async function fanOutRow(): Promise<Row> {
  // The floor at the pace that suits it best: with a write each 20 ms it delivers less.
  const bare = await bareFanOut(10_000, 1000, 8, 500);
  const ours = runLoad('fanout10k');
  return {
    what: '10,000 streams × 1,000 events/s',
    measured: `${round(ours.outPerS)} deliveries/s; p99 ${round(ours.latency?.p99Ms ?? Number.NaN)} ms; ${wrong(ours)} lost or repeated`,
    floor: `${round(bare.eventsPerSecond)} deliveries/s; p99 ${round(bare.p99Ms)} ms (bare node:http, 500 ms a write)`,
    target: 'nothing lost, p99 < 500 ms',
  };
}

function stormRow(): Row {
  const ours = runLoad('storm5k');
  const [storm] = ours.storms;
  return {
    what: 'Reconnect storm: 5,000 streams dropped at once',
    measured:
      `all back within ${round(storm?.lastS ?? Number.NaN, 1)} s; busiest second ${round(storm?.herd?.factor ?? Number.NaN, 2)}× the mean; ` +
      `${wrong(ours)} lost or repeated`,
    floor: '',
    target: '≤ 15 s, ≤ 2×, exact',
  };
}

function churnRow(): Row {
  const ours = runLoad('churn100k');
  const { slope, perThousandConnects = Number.NaN } = ours.memory ?? {};
  const kib = (bytes: number): string => round(bytes / 1024, 1);
  return {
    what: `${round(ours.counts.churned)} connects that break off`,
    measured:
      `RSS ${kib(slope?.perUnit ?? Number.NaN)} ± ${kib(slope?.error ?? Number.NaN)} KiB/s, ${kib(perThousandConnects)} KiB for 1,000; ` +
      `${ours.server.connectionsLeft} left behind, ${ours.server.leaked} leaked`,
    floor: '',
    target: 'RSS flat, ledger zero',
  };
}

/** What `npm run load` measures, as rows of the table. */
export const loadRows: Readonly<Record<string, () => Promise<Row[]>>> = {
  'idle-10000': async () => [await idleRow()],
  'fan-out-10000': async () => [await fanOutRow()],
  storm: async () => [stormRow()],
  churn: async () => [churnRow()],
};
