import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CommandProcess } from './support/command-process.ts';
import { type InProcessServer, repoRoot, startInProcess } from './support/in-process-server.ts';
import { freePort, ServerProcess } from './support/server-process.ts';
import { storedLogs, storedMessages, untilStored } from './support/stored-events.ts';
import { until } from './support/wait.ts';

let state: string;
let server: InProcessServer;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'tailrace-pipe-'));
  server = await startInProcess('socket');
  closing.push(() => server.close());
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  rmSync(state, { recursive: true, force: true });
});

function pipe(url: string, ...args: string[]): CommandProcess {
  const started = new CommandProcess(['pipe', '--url', url, '--state', state, ...args]);
  closing.push(() => started.stop('SIGKILL'));
  return started;
}
const NOWHERE = 'http://127.0.0.1:1';
const numbered = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, index) => `n ${from + index}`);
const asText = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

test('text passes through unchanged and at once, and its lines are sent', async () => {
  const one = pipe(server.url, '--service', 'api');
  one.write('first\r\n');
  await until('the first line to pass', () => one.stdout.includes('first'));
  await untilStored(server.url, 1);
  const long = 'y'.repeat(10 * 1024 * 1024);
  const garbage = Buffer.from(Array.from({ length: 5_000 }, (_, index) => (index * 31) % 256)).map((byte) =>
    byte === 10 ? 0 : byte,
  );
  const parts = ['no end yet', ' and now\n', long, '\n', 'Error: boom\n    at a (b.js:1:2)\n', garbage, '\n', 'last'];
  const bytes = Buffer.concat(parts.map((part) => Buffer.from(part)));
  one.write(bytes);
  one.end();
  expect(await one.ended()).toBe(0);
  expect(one.stdout.equals(Buffer.concat([Buffer.from('first\r\n'), bytes]))).toBe(true);
  const logs = await storedLogs(server.url);
  const messages = logs.map(({ message }) => message);
  expect(messages.slice(0, 2)).toEqual(['first', 'no end yet and now']);
  expect(messages.filter((message) => message.startsWith('yyy')).join('')).toBe(long);
  expect(messages.filter((message) => message.includes('boom\n    at a (b.js:1:2)'))).toHaveLength(1);
  expect(messages.at(-1)).toBe('last');
  expect(new Set(logs.map(({ service }) => service))).toEqual(new Set(['api']));
  expect(one.stderr).toBe('');
  expect(
    readdirSync(join(state, 'pipes'), { recursive: true }).filter((name) => String(name).endsWith('.log')),
  ).toEqual([]);
});

test('while the server is away lines wait on the disk, and go with the next run of the same pipe, in their order', async () => {
  const dead = await freePort();
  const url = `http://127.0.0.1:${dead}`;
  const first = pipe(url, '--service', 'api', '--drain-seconds', '1');
  first.write(asText(numbered(0, 3_000)));
  first.write('n 3000 without an end');
  first.end();
  expect(await first.ended()).toBe(0);
  expect(first.stderr).toMatch(/bytes wait in the spool, and go with the next run/);
  const other = pipe(url, '--service', 'other', '--drain-seconds', '0');
  other.end();
  await other.ended();
  const real = await ServerProcess.start({ port: dead });
  closing.push(() => real.stop());
  const second = pipe(url, '--service', 'api');
  second.write('after\n');
  second.end();
  expect(await second.ended()).toBe(0);
  expect(await storedMessages(real.url)).toEqual([...numbered(0, 3_000), 'n 3000 without an end', 'after']);
  const logs = await storedLogs(real.url);
  // The time at which a line was written, not at which it could be sent.
  expect(Date.parse(logs[0]?.time ?? '')).toBeLessThan(Date.parse(logs.at(-1)?.time ?? '') - 500);
});

test('killed at any moment, what was passed on is sent by the next run, once', async () => {
  const all: string[] = [];
  for (let round = 0; round < 4; round += 1) {
    const one = pipe(server.url, '--service', 'api');
    const lines = numbered(round * 500, (round + 1) * 500);
    all.push(...lines);
    one.write(asText(lines));
    await until('the text to pass', () => one.stdout.length === asText(lines).length);
    // What has passed may be some milliseconds ahead of the disk.
    await delay(30 + round * 60);
    await one.stop('SIGKILL');
  }
  const last = pipe(server.url, '--service', 'api');
  last.end();
  expect(await last.ended()).toBe(0);
  expect(await storedMessages(server.url)).toEqual(all);
});

test('beyond its bound the spool gives up the oldest lines, counts them and says so', async () => {
  const dead = await freePort();
  const url = `http://127.0.0.1:${dead}`;
  const count = 60_000;
  const one = pipe(url, '--service', 'api', '--quiet', '--spool-bytes', String(1024 * 1024), '--drain-seconds', '0');
  one.write(asText(numbered(0, count)));
  one.end();
  expect(await one.ended()).toBe(1);
  expect(one.stdout.length).toBe(0);
  const told = [...one.stderr.matchAll(/the spool is full \(1 MiB\): about ([\d,]+) lines are lost/g)];
  const lost = told.reduce((sum, [, lines = '']) => sum + Number(lines.replaceAll(',', '')), 0);
  expect(lost).toBeGreaterThan(0);
  const real = await ServerProcess.start({ port: dead });
  closing.push(() => real.stop());
  const next = pipe(url, '--service', 'api');
  next.end();
  expect(await next.ended()).toBe(0);
  const messages = await storedMessages(real.url);
  // A line that came in two pieces counts as two.
  expect(Math.abs(count - lost - messages.length)).toBeLessThan(100);
  // The first may be the rest of a line whose beginning has gone.
  expect(messages.slice(1)).toEqual(numbered(count - messages.length + 1, count));
});

test('two pipes of one service at a time have a spool each', async () => {
  const [first, second] = [pipe(server.url, '--service', 'api'), pipe(server.url, '--service', 'api')];
  first.write('one\n');
  second.write('two\n');
  await untilStored(server.url, 2);
  first.end();
  second.end();
  expect([await first.ended(), await second.ended()]).toEqual([0, 0]);
  expect((await storedMessages(server.url)).sort()).toEqual(['one', 'two']);
});

test('when nobody reads the output any more the writer notices, and what was read is stored', async () => {
  const script = `(i=0; while echo line $i; do i=$((i+1)); done; echo ended >&2) | node scripts/tailrace.mjs pipe --url ${server.url} --state ${state} --service api | head -n 2`;
  const shell = new CommandProcess([
    'pipe',
    '--url',
    server.url,
    '--state',
    state,
    '--service',
    'shell',
    '--',
    'sh',
    '-c',
    script,
  ]);
  closing.push(() => shell.stop('SIGKILL'));
  expect(await shell.ended()).toBe(0);
  expect(String(shell.stdout)).toBe('line 0\nline 1\n');
  expect((await storedMessages(server.url)).slice(0, 2)).not.toEqual([]);
});

test('a command is run as it is: its output, its exit code, its streams', async () => {
  const one = pipe(server.url, '--', 'sh', '-c', 'echo out; echo "WARN err" >&2; cat; exit 7');
  one.write('from outside\n');
  one.end();
  expect(await one.ended()).toBe(7);
  expect(String(one.stdout)).toBe('out\nfrom outside\n');
  expect(one.stderr).toBe('WARN err\n');
  const logs = await storedLogs(server.url);
  expect(logs).toHaveLength(3);
  expect(logs).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ service: 'sh', message: 'out', attributes: { stream: 'stdout' } }),
      expect.objectContaining({ service: 'sh', level: 'warn', attributes: { stream: 'stderr' } }),
    ]),
  );
});

test('signals go to the command, whose end is the end: by its own choice, or by the signal', async () => {
  const trapping = pipe(
    server.url,
    '--service',
    'a',
    '--',
    'sh',
    '-c',
    'trap "echo got it; exit 3" TERM; echo ready; while :; do sleep 0.1; done',
  );
  await until('the command to run', () => trapping.stdout.includes('ready'));
  expect(await trapping.stop('SIGTERM')).toBe(3);
  expect(String(trapping.stdout)).toBe('ready\ngot it\n');
  const plain = pipe(server.url, '--service', 'b', '--', 'sh', '-c', 'echo ready; exec sleep 60');
  await until('the command to run', () => plain.stdout.includes('ready'));
  expect(await plain.stop('SIGINT')).toBe('SIGINT');
  const own = pipe(server.url, '--service', 'c', '--', 'sh', '-c', 'kill -TERM $$');
  expect(await own.ended()).toBe('SIGTERM');
  expect((await storedMessages(server.url)).sort()).toEqual(['got it', 'ready', 'ready']);
});

test('a command that cannot be started ends it as a shell would', async () => {
  const missing = pipe(server.url, '--', 'no-such-command');
  expect([await missing.ended(), missing.stderr]).toEqual([127, '-- no-such-command: no such command\n']);
  const directory = pipe(server.url, '--', repoRoot);
  expect(await directory.ended()).toBe(126);
});

test('the first Ctrl-C waits for the last words of the writer, SIGTERM does not', async () => {
  const one = pipe(server.url, '--service', 'api');
  one.write('before\n');
  await untilStored(server.url, 1);
  one.child.kill('SIGINT');
  await delay(200);
  one.write('last words\n');
  one.end();
  expect(await one.ended()).toBe(0);
  expect(await storedMessages(server.url)).toEqual(['before', 'last words']);
  const two = pipe(NOWHERE, '--service', 'api', '--drain-seconds', '60');
  two.write('kept\n');
  await until('the line to pass', () => two.stdout.length > 0);
  two.child.kill('SIGTERM');
  await delay(300);
  // It waits for the server now, which a second signal ends.
  expect(two.isRunning).toBe(true);
  expect(await two.stop('SIGTERM')).toBe('SIGTERM');
  expect(two.stderr).toContain('bytes wait in the spool');
});

test('a directory that cannot be used is named, before anything is run', async () => {
  const one = pipe(server.url, '--state', '/dev/null/here', '--', 'echo', 'ran');
  expect([await one.ended(), String(one.stdout)]).toEqual([2, '']);
  expect(one.stderr).toMatch(/^-- the spool cannot be opened: .*ENOTDIR.*; --state names another directory$/m);
});

test('wrong options are named', () => {
  const wrong = (...args: string[]) => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/tailrace.mjs', 'pipe', ...args], {
      cwd: repoRoot,
      encoding: 'utf8',
    });
    return [status, stderr.split('\n')[0]];
  };
  expect(wrong('--spool-bytes', '10')).toEqual([2, 'tailrace: --spool-bytes: expected at least 1048576']);
  expect(wrong('--')).toEqual([2, 'tailrace: expected a command after --']);
  expect(wrong('api')[0]).toBe(2);
});
