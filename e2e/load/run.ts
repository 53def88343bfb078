// The load test: reads the options, starts what is needed, leads the run, and tells what came of it.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Suspicion, suspect } from './bottleneck.ts';
import { Coordinator } from './coordinator.ts';
import { clockTime } from './duration.ts';
import type { Figures } from './figures.ts';
import { filterMix } from './filter-mix.ts';
import { htmlReport } from './html-report.ts';
import { descriptorsMax, sourceAddresses, whyImpossible } from './limits.ts';
import { help, type LoadOptions, parseOptions } from './options.ts';
import { type OwnServer, startOwnServer } from './own-server.ts';
import { Sampler } from './sampler.ts';
import { ServerProbe } from './server-probe.ts';
import { summarise } from './summary.ts';
import { Terminal } from './terminal.ts';
import { textReport } from './text-report.ts';
import type { Sample } from './timeline.ts';
import { judge, type Verdict } from './verdict.ts';
import { WorkerPool } from './worker-pool.ts';

const WORKER = fileURLToPath(new URL('./worker.mjs', import.meta.url));
/** Of what is beside the timed stages: settling, and looking after the server. */
const BESIDE_MS = 8000;

type Outcome = { figures: Figures; verdict: Verdict; suspicion: Suspicion; samples: readonly Sample[] };

async function main(): Promise<number> {
  const options = readOptions();
  if (options === 'help') return 0;
  if (!options) return 2;
  const startedAt = new Date();
  const server = options.url === undefined ? await startOwnServer(options.settings) : undefined;
  try {
    const outcome = await run(options, server);
    publish(options, outcome, startedAt);
    return outcome.verdict.passed ? 0 : 1;
  } finally {
    if (options.keep && server)
      print(`The server is left running: ${server.url}, process ${server.pid}, data in ${server.dataDir}`);
    else await server?.stop();
  }
}

function readOptions(): LoadOptions | 'help' | undefined {
  try {
    const options = parseOptions(process.argv.slice(2));
    if (options === 'help') {
      process.stdout.write(help());
      return options;
    }
    const streams = options.viewers + options.slow;
    const why = whyImpossible(
      { streams, workers: options.workers, ownServer: options.url === undefined },
      descriptorsMax(),
    );
    if (why === undefined) return options;
    process.stderr.write(`${why}\n`);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
  }
  return undefined;
}

async function run(options: LoadOptions, server: OwnServer | undefined): Promise<Outcome> {
  const url = server?.url ?? options.url ?? '';
  const { ramp, hold, cool } = options.stages;
  const terminal = new Terminal(process.stdout, ramp + hold + cool + BESIDE_MS);
  terminal.say(`${options.profile}: ${options.viewers} viewers, ${options.rate} events/s, on ${url}`);
  const abort = stopOnInterrupt(terminal);
  const probe = new ServerProbe(url, server?.pid ?? options.pid, options.token);
  const pool = new WorkerPool(WORKER, setups(options, url));
  const samples: Sample[] = [];
  const sampler = new Sampler(pool, probe, (sample) => terminal.show(sample));
  pool.onDeath = (why) => {
    terminal.say(why);
    abort.abort(why);
  };
  try {
    const coordinator = new Coordinator({ options, url, pool, probe, sampler, signal: abort.signal });
    const figures = await coordinator.run();
    samples.push(...sampler.gathered.samples);
    const verdict = judge(figures, options.thresholds);
    return { figures, verdict, suspicion: suspect(figures, availableParallelism()), samples };
  } finally {
    sampler.close();
    probe.close();
    pool.kill();
  }
}

/** The first Ctrl-C ends the load and reports what there is; the second ends everything. */
function stopOnInterrupt(terminal: Terminal): AbortController {
  const abort = new AbortController();
  process.on('SIGINT', () => {
    if (abort.signal.aborted) process.exit(130);
    terminal.say('Stopping; once more ends at once.');
    abort.abort('Ctrl-C');
  });
  return abort;
}

function setups(options: LoadOptions, url: string) {
  const { hostname: host, port } = new URL(url);
  const filters = filterMix(options.filters, options.query);
  return Array.from({ length: options.workers }, (_, index) => ({
    index,
    of: options.workers,
    target: { host, port: Number(port || 80) },
    filters,
    slowBytes: options.slowBytes,
    acks: options.acks,
    publishers: Math.max(options.publishers, options.workers),
    churnTotal: options.churnTotal ?? Number.MAX_SAFE_INTEGER,
    addresses: sourceAddresses(options.viewers + options.slow, host),
    seed: 1,
  }));
}

function publish(options: LoadOptions, { figures, verdict, suspicion, samples }: Outcome, startedAt: Date): void {
  const summary = summarise(figures);
  print(textReport(summary, verdict, suspicion));
  const path = options.report ?? join(mkdtempSync(join(tmpdir(), 'tailrace-report-')), 'load-report.html');
  const title = `Load test: ${options.profile}`;
  const [settings, machine] = [settingRows(options), machineRows()];
  writeFileSync(path, htmlReport({ title, startedAt, summary, verdict, suspicion, samples, settings, machine }));
  print(`Report: ${path}`);
  if (options.json === undefined) return;
  writeFileSync(
    options.json,
    `${JSON.stringify({ startedAt, options, figures, verdict, suspicion, samples }, null, 2)}\n`,
  );
  print(`Figures: ${options.json}`);
}

function settingRows(options: LoadOptions): [string, string][] {
  const { ramp, hold, cool } = options.stages;
  return [
    ['profile', options.profile],
    ['server', options.url ?? 'started for this run'],
    ['viewers', `${options.viewers}, and ${options.slow} slow ones at ${options.slowBytes} bytes/s`],
    ['events', `${options.rate}/s by ${options.publishers} publishers`],
    ['churn', options.churnTotal === undefined ? `${options.churn}/s` : `${options.churnTotal} in all`],
    ['storms', String(options.storms)],
    ['filters', options.query ?? String(options.filters)],
    ['acknowledgements', options.acks ? 'yes' : 'no'],
    ['stages', `ramp ${clockTime(ramp)}, hold ${clockTime(hold)}, cool ${clockTime(cool)}`],
    ['workers', String(options.workers)],
  ];
}

function machineRows(): [string, string][] {
  return [
    ['processor', `${cpus()[0]?.model ?? 'unknown'}, ${availableParallelism()} cores`],
    ['memory', `${(totalmem() / 2 ** 30).toFixed(1)} GiB`],
    ['system', `${process.platform} ${release()}`],
    ['Node', process.version],
    ['descriptors', String(descriptorsMax() ?? 'unknown')],
  ];
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exit(2);
  },
);
