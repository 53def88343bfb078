import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { CommandProcess } from './support/command-process.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { storedLogs, storedMessages, untilStored } from './support/stored-events.ts';
import { until } from './support/wait.ts';

let directory: string;
let server: InProcessServer;
const running: CommandProcess[] = [];

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'tailrace-files-'));
  server = await startInProcess('socket');
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.stop('SIGKILL');
  await server.close();
  rmSync(directory, { recursive: true, force: true });
});

const at = (name: string): string => join(directory, name);
function tail(...args: string[]): CommandProcess {
  const state = ['--state', at('state')];
  const started = new CommandProcess(['tail', '--url', server.url, ...state, ...args], {}, directory);
  running.push(started);
  return started;
}
async function following(...args: string[]): Promise<CommandProcess> {
  const started = tail(...args);
  await until('the files to be followed', () => started.stderr.includes('-- sending'));
  return started;
}
async function once(...args: string[]): Promise<{ code: number | string; stderr: string }> {
  const started = tail('--once', ...args);
  return { code: await started.ended(), stderr: started.stderr };
}
const lines = (from: number, to: number, name = 'line'): string =>
  Array.from({ length: to - from }, (_, index) => `${name} ${from + index}\n`).join('');
const listed = (from: number, to: number, name = 'line'): string[] => lines(from, to, name).trimEnd().split('\n');

test('a file is followed from its end, and after a stop from where it was left', async () => {
  writeFileSync(at('app.log'), lines(0, 10));
  const first = await following('app.log');
  appendFileSync(at('app.log'), lines(10, 20));
  await untilStored(server.url, 10);
  expect(await first.stop('SIGINT')).toBe(130);
  appendFileSync(at('app.log'), lines(20, 30));
  await following('app.log');
  appendFileSync(at('app.log'), lines(30, 40));
  await untilStored(server.url, 30);
  const logs = await storedLogs(server.url);
  expect(logs.map(({ message }) => message)).toEqual(listed(10, 40));
  expect(logs[0]).toMatchObject({ service: 'app', attributes: { file: at('app.log') } });
});

test('what nobody remembers is sent whole with --from-start, and again only with --forget', async () => {
  writeFileSync(at('app.log'), lines(0, 5));
  const first = await following('--from-start', 'app.log');
  await untilStored(server.url, 5);
  await first.stop();
  const second = await following('--from-start', 'app.log');
  appendFileSync(at('app.log'), lines(5, 6));
  await untilStored(server.url, 6);
  await second.stop();
  await following('--from-start', '--forget', '--service', 'other', 'app.log');
  const logs = await untilStored(server.url, 12);
  expect(logs.map(({ message }) => message)).toEqual([...listed(0, 6), ...listed(0, 6)]);
  expect(logs.map(({ service }) => service)).toEqual([...Array(6).fill('app'), ...Array(6).fill('other')]);
});

test('a renamed file is read to its end, and the new one of its name from its start', async () => {
  writeFileSync(at('app.log'), '');
  await following('app.log');
  appendFileSync(at('app.log'), lines(0, 100));
  renameSync(at('app.log'), at('app.log.1'));
  // A writer that has not noticed yet.
  appendFileSync(at('app.log.1'), lines(100, 150));
  writeFileSync(at('app.log'), lines(150, 200));
  await untilStored(server.url, 200);
  appendFileSync(at('app.log.1'), 'late\n');
  appendFileSync(at('app.log'), lines(200, 210));
  await untilStored(server.url, 211);
  const messages = await storedMessages(server.url);
  expect(messages.filter((message) => message !== 'late')).toEqual(listed(0, 210));
});

test('a file that was rotated while nobody looked is found by its inode', async () => {
  writeFileSync(at('app.log'), lines(0, 3));
  const first = await following('--from-start', 'app.log');
  await untilStored(server.url, 3);
  await first.stop('SIGKILL');
  appendFileSync(at('app.log'), lines(3, 6));
  renameSync(at('app.log'), at('app.log.1'));
  writeFileSync(at('app.log'), lines(6, 9));
  await following('app.log');
  await untilStored(server.url, 9);
  expect(await storedMessages(server.url)).toEqual(listed(0, 9));
});

test('a truncated file is read from its start, also when it has grown beyond its old size meanwhile', async () => {
  writeFileSync(at('app.log'), '');
  const one = await following('app.log');
  appendFileSync(at('app.log'), lines(0, 50));
  await untilStored(server.url, 50);
  copyFileSync(at('app.log'), at('app.log.1'));
  truncateSync(at('app.log'));
  appendFileSync(at('app.log'), lines(50, 60));
  await untilStored(server.url, 60);
  truncateSync(at('app.log'));
  appendFileSync(at('app.log'), lines(60, 200));
  await untilStored(server.url, 200);
  expect(await storedMessages(server.url)).toEqual(listed(0, 200));
  expect(one.stderr).toContain('was emptied or written anew');
});

test('files that match a pattern later are followed from their start; what is deleted is read to its end', async () => {
  mkdirSync(at('logs/deep'), { recursive: true });
  writeFileSync(at('logs/a.log'), lines(0, 2, 'a'));
  await following('logs/**/*.log');
  writeFileSync(at('logs/deep/b.log'), lines(0, 5, 'b'));
  writeFileSync(at('logs/.hidden.log'), lines(0, 5, 'hidden'));
  await untilStored(server.url, 5);
  appendFileSync(at('logs/deep/b.log'), lines(5, 7, 'b'));
  rmSync(at('logs/deep/b.log'));
  appendFileSync(at('logs/a.log'), lines(2, 3, 'a'));
  await untilStored(server.url, 8);
  expect((await storedMessages(server.url)).sort()).toEqual(['a 2', ...listed(0, 7, 'b')]);
});

test('two commands do not send the same file', async () => {
  writeFileSync(at('app.log'), '');
  await following('app.log');
  const second = await following('app.log');
  await until('the second to say so', () => /process \d+ sends it already/.test(second.stderr));
  appendFileSync(at('app.log'), lines(0, 5));
  await untilStored(server.url, 5);
  await new Promise((resolve) => setTimeout(resolve, 500));
  expect(await storedMessages(server.url)).toEqual(listed(0, 5));
});

test('--once sends all there is, says what it came to, and the next run sends only what is new', async () => {
  writeFileSync(at('app.log'), `${lines(0, 3_000)}no line end`);
  writeFileSync(at('old.log.1.gz'), gzipSync(lines(0, 2_000, 'old')));
  const first = await once('app.log', 'old.log.1.gz');
  expect(first.code).toBe(0);
  expect(first.stderr).toMatch(/^-- 5,001 events of 2 files stored \(\S+ MB in \S+ s\), 0 refused$/m);
  const again = await once('app.log', 'old.log.1.gz');
  expect(again.stderr).toMatch(/^-- 0 events of 2 files stored/m);
  const logs = await storedLogs(server.url);
  const ofService = (name: string) => logs.filter(({ service }) => service === name).map(({ message }) => message);
  expect(ofService('app')).toEqual([...listed(0, 3_000), 'no line end']);
  expect(ofService('old')).toEqual(listed(0, 2_000, 'old'));
});

test('--once ends with 1 when a file is not there, and has sent the others', async () => {
  writeFileSync(at('app.log'), lines(0, 1));
  const { code, stderr } = await once('app.log', 'nosuch.log', 'none-*.log');
  expect(code).toBe(1);
  expect(stderr).toContain('nosuch.log does not exist');
  expect(stderr).toContain('no file matches');
  expect(await storedMessages(server.url)).toEqual(['line 0']);
});

test('garbage, long lines, CRLF and stack traces arrive, and what is understood is', async () => {
  const long = 'x'.repeat(10 * 1024 * 1024);
  const trace = 'java.lang.IllegalStateException: boom\n\tat a.B.c(B.java:1)\n\tat a.B.d(B.java:2)';
  const binary = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7919) % 256 || 1)).map((byte) =>
    byte === 10 ? 11 : byte,
  );
  const parts = ['first\r\n', long, '\n', trace, '\n', binary, '\n', '{"level":"error","msg":"json"}\n', 'last\n'];
  writeFileSync(at('app.log'), Buffer.concat(parts.map((part) => Buffer.from(part))));
  const { code, stderr } = await once('app.log');
  expect([code, stderr]).toEqual([0, expect.stringMatching(/, 0 refused$/m)]);
  const logs = await storedLogs(server.url);
  const messages = logs.map(({ message }) => message);
  expect(messages[0]).toBe('first');
  const pieces = logs.filter(({ message }) => message.startsWith('xxx'));
  expect(pieces.map(({ message }) => message).join('')).toBe(long);
  expect(pieces.map(({ attributes }) => attributes?.['lineContinues'] === true)).toEqual([
    ...Array(pieces.length - 1).fill(true),
    false,
  ]);
  expect(messages).toContain(trace);
  expect(logs.at(-2)).toMatchObject({ level: 'error', message: 'json' });
  expect(messages.at(-1)).toBe('last');
});

test('logs of Docker and Kubernetes are unwrapped, their partial lines joined, their names taken from the path', async () => {
  const id = 'ab'.repeat(32);
  mkdirSync(at(`docker/${id}`), { recursive: true });
  const docker = (log: string, stream: string, second: number) =>
    `${JSON.stringify({ log, stream, time: `2026-06-01T10:00:0${second}.5Z` })}\n`;
  writeFileSync(at(`docker/${id}/config.v2.json`), JSON.stringify({ Name: '/shop' }));
  writeFileSync(
    at(`docker/${id}/${id}-json.log`),
    docker('half ', 'stdout', 1) + docker('other\n', 'stderr', 2) + docker('and half\r\n', 'stdout', 3),
  );
  mkdirSync(at('containers'));
  writeFileSync(
    at(`containers/web-7d_prod_nginx-${'0f'.repeat(32)}.log`),
    '2026-06-01T10:00:04.123456789+02:00 stdout P one \n2026-06-01T10:00:05Z stderr F two\n2026-06-01T10:00:06Z stdout F line\n',
  );
  expect((await once(`docker/*/*-json.log`, 'containers/*.log')).code).toBe(0);
  const logs = (await storedLogs(server.url)).map(({ service, time, message, attributes }) => [
    service,
    time,
    message,
    attributes,
  ]);
  const shop = { containerId: id.slice(0, 12), file: at(`docker/${id}/${id}-json.log`) };
  const pod = { namespace: 'prod', pod: 'web-7d', container: 'nginx' };
  expect(logs).toHaveLength(4);
  expect(logs).toEqual(
    expect.arrayContaining([
      ['shop', '2026-06-01T10:00:01.500Z', 'half and half', { ...shop, stream: 'stdout' }],
      ['shop', '2026-06-01T10:00:02.500Z', 'other', { ...shop, stream: 'stderr' }],
      ['nginx', '2026-06-01T08:00:04.123Z', 'one line', expect.objectContaining({ ...pod, stream: 'stdout' })],
      ['nginx', '2026-06-01T10:00:05.000Z', 'two', expect.objectContaining({ ...pod, stream: 'stderr' })],
    ]),
  );
});

test('the command is wrong in ways that it can name', async () => {
  const wrong = async (...args: string[]) => {
    const one = new CommandProcess(['tail', ...args]);
    running.push(one);
    return [await one.ended(), one.stderr.split('\n')[0]];
  };
  expect(await wrong('app.log.gz')).toEqual([2, 'tailrace: app.log.gz: a compressed file is read whole: use --once']);
  expect(await wrong('app.log', '--journal')).toEqual([
    2,
    'tailrace: --journal and files are two commands: give one of them',
  ]);
  expect(await wrong('app.log', '--level', 'warn')).toEqual([2, "tailrace: Unknown option '--level'"]);
  expect(await wrong('app.log', '--format', 'xml')).toEqual([
    2,
    'tailrace: --format: expected auto, plain, docker, cri',
  ]);
});
