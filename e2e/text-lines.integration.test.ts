import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connectAsync } from 'mqtt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { until } from './support/wait.ts';

let server: InProcessServer;
beforeAll(async () => {
  server = await startInProcess('socket');
});
afterAll(() => server.close());

type Stored = { time: string; level: string; service: string; message: string; attributes?: Record<string, unknown> };

async function stored(query: string): Promise<Stored[]> {
  const page = (await (await fetch(`${server.url}/api/events?${query}`)).json()) as { events: Stored[] };
  return page.events;
}

/** curl, since what a shell sends is what this is for. */
function curl(args: readonly string[]): ReturnType<typeof spawn> & { answer: Promise<string> } {
  const child = spawn('curl', ['--silent', '--show-error', '--max-time', '20', ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  const answer = new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve(Buffer.concat(pieces).toString()));
  });
  return Object.assign(child, { answer });
}

const toText = (service: string): string[] => [
  '-H',
  'Content-Type: text/plain',
  `${server.url}/api/events?service=${service}`,
];

test('what curl sends as text is stored with the time and level of its lines', async () => {
  const sent = curl(['--data-binary', '@-', ...toText('piped')]);
  sent.stdin?.end(
    '2026-01-31T12:00:00.123Z ERROR [main] com.example.Foo - failed\n' +
      'java.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)\n' +
      '{"level":30,"time":1769860801000,"msg":"from pino"}\n' +
      'Jan 31 12:00:02 gate sshd[12]: Accepted publickey\n',
  );
  expect(JSON.parse(await sent.answer)).toMatchObject({ accepted: 3, rejected: 0, errors: [] });
  const events = await stored('service=piped');
  expect(events.map(({ level, message }) => [level, message]).sort()).toEqual([
    ['error', 'failed\njava.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)'],
    ['info', 'from pino'],
  ]);
  expect(events.find(({ level }) => level === 'error')).toMatchObject({
    time: '2026-01-31T12:00:00.123Z',
    attributes: { thread: 'main', logger: 'com.example.Foo' },
  });
  expect(await stored('service=sshd')).toMatchObject([
    { message: 'Accepted publickey', attributes: { host: 'gate', pid: '12' } },
  ]);
});

test('what is piped into curl line by line is there before the pipe is closed', async () => {
  const sent = curl(['--no-buffer', '-T', '-', '-X', 'POST', ...toText('tail')]);
  sent.stdin?.write('WARN first\n');
  await until('the first line', async () => (await stored('service=tail')).length === 1);
  sent.stdin?.write('WARN sec');
  sent.stdin?.end('ond\n');
  expect(JSON.parse(await sent.answer)).toMatchObject({ accepted: 2 });
});

test('a sender that is cut in the middle of a line loses that line alone', async () => {
  const sent = curl(['--no-buffer', '-T', '-', '-X', 'POST', ...toText('cut')]);
  sent.stdin?.write('INFO whole\nINFO ha');
  await until('the whole line', async () => (await stored('service=cut')).length === 1);
  const closed = once(sent, 'close');
  sent.kill('SIGKILL');
  await closed;
  expect(await stored('service=cut')).toMatchObject([{ message: 'whole' }]);
});

test('bytes that are no text, and an archive of lines, are taken', async () => {
  const garbage = curl(['--data-binary', '@-', ...toText('garbage')]);
  garbage.stdin?.end(Buffer.from([0xff, 0xfe, 0x00, 0x41, 0x0a, 0x80, 0x0a]));
  expect(JSON.parse(await garbage.answer)).toMatchObject({ accepted: 2, rejected: 0 });
  const { gzipSync } = await import('node:zlib');
  const packed = curl(['-H', 'Content-Encoding: gzip', '--data-binary', '@-', ...toText('packed')]);
  packed.stdin?.end(gzipSync('INFO a\nINFO b\n'));
  expect(JSON.parse(await packed.answer)).toMatchObject({ accepted: 2 });
});

test('a page of another origin may not send text', async () => {
  const sent = curl(['-H', 'Origin: https://evil.example', '--data-binary', 'x', ...toText('evil')]);
  expect(JSON.parse(await sent.answer)).toMatchObject({ code: 'forbidden', accepted: 0 });
  expect(await stored('service=evil')).toEqual([]);
});

test('a search finds words that colours stand in, and in history', async () => {
  const sent = curl(['--data-binary', '@-', ...toText('coloured')]);
  sent.stdin?.end('INFO dis\u001b[31mk fu\u001b[0mll\n');
  expect(JSON.parse(await sent.answer)).toMatchObject({ accepted: 1 });
  expect(await stored('service=coloured&q=disk%20full')).toHaveLength(1);
  expect(await stored('service=coloured&q=31m')).toHaveLength(0);
});

test('a text over MQTT is understood, also one that begins like an array', async () => {
  const client = await connectAsync(`${server.url.replace('http', 'ws')}/mqtt`, { reconnectPeriod: 0 });
  await client.publishAsync('tailrace/ingest/device', '2026-01-31T12:00:00Z WARN low battery', { qos: 1 });
  await client.publishAsync('tailrace/ingest/device', '[ERROR] no signal', { qos: 1 });
  await client.publishAsync('tailrace/ingest/device', 'hello', { qos: 1 });
  const events = await stored('service=device');
  expect(events.map(({ level, message }) => `${level} ${message}`).sort()).toEqual([
    'error no signal',
    'info hello',
    'warn low battery',
  ]);
  await client.endAsync();
});
