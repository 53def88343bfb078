import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChild, waitForLine } from './child.ts';
import { type Row, round } from './row.ts';
import { startServer } from './server-under-test.ts';

const FILE_BYTES = 1e9;
const END_TO_END_BYTES = 100e6;

/** Lines as services write them: a stamp, a level, and words; each fifth JSON, now and then a stack trace. */
function line(index: number): string {
  const time = new Date(1_780_000_000_000 + index * 7).toISOString();
  if (index % 500 === 0)
    return `${time} ERROR checkout failed\nError: declined\n    at pay (/srv/pay.js:10:3)\n    at next (/srv/app.js:3:1)\n`;
  if (index % 5 === 0)
    return `{"time":"${time}","level":"info","msg":"GET /api/cart/${index}","status":200,"ms":${index % 97}}\n`;
  return `${time} INFO  GET /api/cart/${index} 200 in ${index % 97} ms from 10.0.${index % 256}.17 region=eu-central\n`;
}

function writeLog(path: string, bytes: number): void {
  let block = '';
  for (let index = 0; block.length < 4e6; index += 1) block += line(index);
  const file = openSync(path, 'w');
  for (let written = 0; written < bytes; ) written += writeSync(file, block);
  closeSync(file);
}

type Stage = {
  readonly megabytesPerSecond: number;
  readonly rssPeakMb: number;
  /** When a tenth was read: memory that is flat grows no more. */
  readonly rssTenthMb?: number;
  readonly perCpuSecond?: number;
};

/** Reads the file in a process of its own, as far as `stage` goes. */
async function readStage(path: string, stage: 'split' | 'understand'): Promise<Stage> {
  const child = startChild('dist/bench/tail-file-stage.mjs', [path, stage]);
  const told = /read: (\d+) bytes in ([\d.]+) s, cpu ([\d.]+) s, rss (\d+) after a tenth, at most (\d+)/;
  const [bytes = 0, seconds = 0, cpuSeconds = 0, tenthBytes = 0, peakBytes = 0] = (await waitForLine(child, told))
    .slice(1)
    .map(Number);
  await child.stop();
  return {
    megabytesPerSecond: bytes / 1e6 / seconds,
    perCpuSecond: bytes / 1e6 / cpuSeconds,
    rssPeakMb: peakBytes / 1e6,
    rssTenthMb: tenthBytes / 1e6,
  };
}

async function endToEnd(path: string, state: string): Promise<Stage & { readonly eventsPerSecond: number }> {
  const server = await startServer();
  try {
    const args = ['tail', '--once', '--url', server.url, '--state', state, path];
    const child = startChild('dist/bench/tail-file-command.mjs', args);
    const match = await waitForLine(child, /sent in ([\d.]+) s, peak (\d+) bytes, code 0/);
    await child.stop();
    const seconds = Number(match[1]);
    const page = (await (await fetch(`${server.url}/api/events?limit=1`)).json()) as { head: string };
    return {
      megabytesPerSecond: statSync(path).size / 1e6 / seconds,
      rssPeakMb: Number(match[2]) / 1e6,
      eventsPerSecond: Number(page.head.split('.')[1]) / seconds,
    };
  } finally {
    await server.stop();
  }
}

/** How fast a large file is read, read and understood, and brought into the journal. */
export async function tailFileRows(): Promise<Row[]> {
  const directory = mkdtempSync(join(tmpdir(), 'tailrace-bench-'));
  try {
    const [large, small] = [join(directory, 'large.log'), join(directory, 'small.log')];
    writeLog(large, FILE_BYTES);
    writeLog(small, END_TO_END_BYTES);
    const split = await readStage(large, 'split');
    const understood = await readStage(large, 'understand');
    const sent = await endToEnd(small, join(directory, 'state'));
    const row = (what: string, stage: Stage, target: string, more = ''): Row => ({
      what,
      measured: `${round(stage.megabytesPerSecond)} MB/s${stage.perCpuSecond ? ` (${round(stage.perCpuSecond)} per CPU second)` : ''}${more}; peak ${round(stage.rssPeakMb)} MB${stage.rssTenthMb ? `, after a tenth ${round(stage.rssTenthMb)} MB` : ''}`,
      floor: '',
      target,
    });
    return [
      row('A file of 1 GB: read and split', split, '≥ 100 MB/s, memory flat'),
      row('A file of 1 GB: read, split, understood', understood, '≥ 100 MB/s, memory flat'),
      row(
        'A file of 100 MB: sent and stored',
        sent,
        'what the server takes',
        `, ${round(sent.eventsPerSecond)} events/s`,
      ),
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
