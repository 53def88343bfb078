import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CommandProcess } from './support/command-process.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { storedLogs, storedMessages, untilStored } from './support/stored-events.ts';
import { until } from './support/wait.ts';

let directory: string;
let server: InProcessServer;
const running: CommandProcess[] = [];

/** A `journalctl` over a file of entries: understands what we ask of the real one, and refuses anything else. */
const FAKE = `#!${process.execPath}
const { readFileSync, appendFileSync } = require('node:fs');
const { join } = require('node:path');
const directory = join(__dirname, '..');
const known = /^--(output=json|all|no-pager|quiet|no-tail|follow|lines=1|output-fields=MESSAGE|after-cursor=.*)$/;
const args = process.argv.slice(2);
appendFileSync(join(directory, 'asked'), args.join(' ') + '\\n');
const units = args.filter((_, index) => args[index - 1] === '--unit');
for (const [index, arg] of args.entries()) {
  if (arg !== '--unit' && args[index - 1] !== '--unit' && !known.test(arg)) {
    process.stderr.write('unknown option ' + arg);
    process.exit(1);
  }
}
let after = args.find((arg) => arg.startsWith('--after-cursor='))?.slice(15);
const entries = () => readFileSync(join(directory, 'entries'), 'utf8').split('\\n').slice(0, -1);
const wanted = (line) => units.length === 0 || units.includes(JSON.parse(line)._SYSTEMD_UNIT);
let from = after === undefined ? 0 : entries().findIndex((line) => JSON.parse(line).__CURSOR === after) + 1;
const print = () => {
  const all = entries();
  for (; from < all.length; from += 1) if (wanted(all[from])) process.stdout.write(all[from] + '\\n');
};
if (args.includes('--lines=1')) from = Math.max(0, entries().length - 1);
print();
if (args.includes('--follow')) setInterval(print, 20);
`;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tailrace-journal-'));
  execFileSync('mkdir', [join(directory, 'bin')]);
  writeFileSync(join(directory, 'bin', 'journalctl'), FAKE);
  chmodSync(join(directory, 'bin', 'journalctl'), 0o755);
  writeFileSync(join(directory, 'entries'), '');
  server = await startInProcess('socket');
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop('SIGKILL');
  await server.close();
  rmSync(directory, { recursive: true, force: true });
});

let cursor = 0;
function enter(fields: Record<string, unknown>): void {
  cursor += 1;
  const entry = {
    __CURSOR: `s=1;i=${cursor}`,
    __REALTIME_TIMESTAMP: String(1_780_000_000_000_000 + cursor),
    ...fields,
  };
  appendFileSync(join(directory, 'entries'), `${JSON.stringify(entry)}\n`);
}
function journal(...args: string[]): CommandProcess {
  const path = `${join(directory, 'bin')}${delimiter}${process.env['PATH']}`;
  const all = ['tail', '--journal', '--url', server.url, '--state', join(directory, 'state'), ...args];
  const started = new CommandProcess(all, { PATH: path });
  running.push(started);
  return started;
}
const following = (one: CommandProcess): Promise<void> =>
  until('the journal to be followed', () => one.stderr.includes('-- sending'));

test('entries come with their level, unit, time and bytes', async () => {
  enter({
    MESSAGE: 'failed',
    PRIORITY: '3',
    SYSLOG_IDENTIFIER: 'sshd',
    _SYSTEMD_UNIT: 'ssh.service',
    _PID: '7',
    _HOSTNAME: 'box',
  });
  enter({ MESSAGE: [0x67, 0x72, 0xc3, 0xbc, 0x6e, 0xff], PRIORITY: '7', _SYSTEMD_UNIT: 'app.service' });
  enter({ MESSAGE: null, PRIORITY: '6' });
  enter({ MESSAGE: ['one', 'two'], _COMM: 'tool' });
  const one = journal('--once');
  expect(await one.ended()).toBe(0);
  expect(one.stderr).toBe('-- 3 entries stored, 0 refused\n');
  const logs = await storedLogs(server.url);
  expect(logs).toMatchObject([
    { service: 'sshd', level: 'error', message: 'failed', attributes: { unit: 'ssh.service', pid: '7', host: 'box' } },
    { service: 'app', level: 'debug', message: 'grün\ufffd' },
    { service: 'tool', level: 'info', message: 'one\ntwo' },
  ]);
  expect(logs[0]?.time).toBe(new Date(1_780_000_000_000).toISOString());
});

test('it begins after the newest entry, goes on as entries come, and after a kill where it was', async () => {
  for (let n = 0; n < 5; n += 1) enter({ MESSAGE: `old ${n}` });
  const first = journal();
  await following(first);
  for (let n = 0; n < 50; n += 1) enter({ MESSAGE: `n ${n}` });
  await untilStored(server.url, 50);
  await first.stop('SIGKILL');
  for (let n = 50; n < 2_500; n += 1) enter({ MESSAGE: `n ${n}` });
  const second = journal();
  await untilStored(server.url, 500);
  await second.stop('SIGKILL');
  journal();
  await untilStored(server.url, 2_500);
  expect(await storedMessages(server.url)).toEqual(Array.from({ length: 2_500 }, (_, n) => `n ${n}`));
});

test('of the units asked for only theirs', async () => {
  enter({ MESSAGE: 'a', _SYSTEMD_UNIT: 'a.service' });
  enter({ MESSAGE: 'b', _SYSTEMD_UNIT: 'b.service' });
  enter({ MESSAGE: 'c', _SYSTEMD_UNIT: 'c.service' });
  expect(await journal('--once', '-u', 'a.service', '--unit', 'c.service', '--service', 'mine').ended()).toBe(0);
  expect((await storedLogs(server.url)).map(({ message, service }) => [message, service])).toEqual([
    ['a', 'mine'],
    ['c', 'mine'],
  ]);
});

test('a journalctl that is not there, or fails, is told', async () => {
  const missing = new CommandProcess(['tail', '--journal', '--once', '--state', join(directory, 'state')], {
    PATH: join(directory, 'nothing'),
  });
  running.push(missing);
  expect(await missing.ended()).toBe(1);
  expect(missing.stderr).toMatch(/-- journalctl cannot be run: .*ENOENT/);
  writeFileSync(join(directory, 'bin', 'journalctl'), '#!/bin/sh\necho "No such unit" >&2\nexit 1\n');
  const failing = journal('--once');
  expect(await failing.ended()).toBe(1);
  expect(failing.stderr).toContain('-- journalctl ended with 1: No such unit');
});

test('the real journalctl, where there is one, knows every option that it is given', async () => {
  try {
    execFileSync('journalctl', ['--version']);
  } catch {
    // Not every machine has systemd; nothing else here needs it.
    return;
  }
  const one = new CommandProcess([
    'tail',
    '--journal',
    '--once',
    '--url',
    server.url,
    '--state',
    join(directory, 'state'),
  ]);
  running.push(one);
  expect(await one.ended()).toBe(0);
  expect(one.stderr).toMatch(/^-- [\d,]+ entries stored, 0 refused$/m);
});
