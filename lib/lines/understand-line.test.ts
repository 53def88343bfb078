import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { logFromLine } from './log-from-line.ts';
import { type UnderstoodLine, understandLine } from './understand-line.ts';

const OPTIONS = { nowMs: Date.UTC(2026, 10, 29, 12), zoneMinutes: 0 };
const read = (text: string): UnderstoodLine => understandLine(text, OPTIONS);

/** Written for this test in the shapes that real systems use; no line is one of theirs. */
const SYSTEMS = readFileSync(new URL('./testing/fixtures/systems.tsv', import.meta.url), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((row) => row.split('\t') as [string, string, string, string]);

test.each(SYSTEMS)('%s: time %s and level %s of %s', (_what, time, level, line) => {
  const { timeMs, level: got } = read(line);
  expect(timeMs === undefined ? '-' : new Date(timeMs).toISOString()).toBe(time);
  expect(got ?? '-').toBe(level);
});

test.each<[string, string, Partial<UnderstoodLine>]>([
  [
    'pino',
    '{"level":40,"time":1769860800123,"pid":12,"hostname":"h","name":"shop","msg":"slow","req":{"id":1}}',
    { format: 'json', timeMs: 1769860800123, level: 'warn', service: 'shop', message: 'slow' },
  ],
  [
    'winston',
    '{"level":"error","message":"boom","timestamp":"2026-01-31T12:00:00.000Z"}',
    { level: 'error', message: 'boom' },
  ],
  [
    'zap',
    '{"level":"info","ts":1769860800.123,"caller":"a/b.go:1","msg":"m"}',
    { timeMs: 1769860800123, attributes: { caller: 'a/b.go:1' } },
  ],
  [
    'slog',
    '{"time":"2026-01-31T12:00:00Z","level":"WARN+2","msg":"m"}',
    { level: 'warn', attributes: { level: 'WARN+2' } },
  ],
  [
    'CLEF',
    '{"@t":"2026-01-31T12:00:00.1234567Z","@mt":"Hello {Name}, {Count:000}","@l":"Fatal","Name":"Ada","Count":3,"@tr":"abc"}',
    {
      message: 'Hello Ada, 3',
      level: 'fatal',
      traceId: 'abc',
      attributes: { '@mt': 'Hello {Name}, {Count:000}', Name: 'Ada', Count: 3 },
    },
  ],
  [
    'ECS',
    '{"@timestamp":"2026-01-31T12:00:00.123Z","log.level":"ERROR","message":"x","service.name":"s","trace.id":"t","span.id":"p"}',
    { level: 'error', service: 's', traceId: 't', spanId: 'p', message: 'x' },
  ],
  [
    'ECS, nested',
    '{"@timestamp":"2026-01-31T12:00:00Z","log":{"level":"warn"},"service":{"name":"s"},"message":"x"}',
    { level: 'warn', service: 's' },
  ],
  [
    'Google',
    '{"severity":"CRITICAL","message":"m","timestamp":{"seconds":1769860800,"nanos":5000000}}',
    { level: 'fatal', timeMs: 1769860800005 },
  ],
  [
    'GELF',
    '{"version":"1.1","host":"h","short_message":"m","timestamp":1769860800.5,"level":3}',
    { level: 'error', timeMs: 1769860800500, message: 'm' },
  ],
  [
    'MongoDB',
    '{"t":{"$date":"2026-01-31T12:00:00.123+00:00"},"s":"W","c":"NETWORK","msg":"slow"}',
    { level: 'warn', timeMs: 1769860800123 },
  ],
  [
    'journald',
    '{"__REALTIME_TIMESTAMP":"1769860800123456","PRIORITY":"4","MESSAGE":"m","SYSLOG_IDENTIFIER":"sudo"}',
    { level: 'warn', timeMs: 1769860800123, service: 'sudo' },
  ],
  ['a finer level', '{"level":"notice","msg":"m"}', { level: 'info', attributes: { level: 'notice' } }],
  ['an unknown level', '{"level":"loud","msg":"m"}', { message: 'm', attributes: { level: 'loud' } }],
  ['a status of a server', '{"method":"GET","path":"/","status":502}', { level: 'error' }],
  ['a duration called time', '{"time":12.5,"msg":"m"}', { message: 'm', attributes: { time: 12.5 } }],
  ['an object without a message', '{"a":1}', { format: 'json', message: '{"a":1}', attributes: { a: 1 } }],
  ['an array', '[1,2]', { format: 'text', message: '[1,2]' }],
  ['broken JSON', '{"level":"info"', { format: 'text', message: '{"level":"info"' }],
  [
    'Docker around JSON',
    '{"log":"{\\"level\\":\\"error\\",\\"msg\\":\\"boom\\"}\\n","stream":"stderr","time":"2026-01-31T12:00:00.123456789Z"}',
    { format: 'json', level: 'error', message: 'boom', timeMs: 1769860800123, attributes: { stream: 'stderr' } },
  ],
  [
    'Kubernetes around a head',
    '2026-01-31T12:00:00.123456789Z stdout F 2026-01-31 14:00:00 WARN low',
    {
      level: 'warn',
      message: 'low',
      timeMs: 1769860800123,
      attributes: { stream: 'stdout', loggedAt: '2026-01-31 14:00:00' },
    },
  ],
  ['Kubernetes around nothing known', '2026-01-31T12:00:00Z stderr F hello', { format: 'container', message: 'hello' }],
  [
    'logfmt',
    'ts=2026-01-31T12:00:00.000Z caller=main.go:12 level=warn msg="head \\"GC\\"" duration=1.2s a=1 a=2',
    {
      format: 'logfmt',
      level: 'warn',
      message: 'head "GC"',
      attributes: { caller: 'main.go:12', duration: '1.2s', a: ['1', '2'] },
    },
  ],
  [
    'logfmt without quotes',
    'level=info msg=hello big world n=1',
    { message: 'hello big world', attributes: { n: '1' } },
  ],
  ['an assignment', 'PATH=/usr/bin', { format: 'text', message: 'PATH=/usr/bin' }],
  [
    'RFC 5424',
    '<165>1 2026-01-31T12:00:00.003Z host app 12 ID47 [ex@1 iut="3" q="a\\"]b"][b@1 c="d"] \ufeffAn event',
    {
      ...{ format: 'syslog', timeMs: 1769860800003, level: 'info', service: 'app', message: 'An event' },
      attributes: {
        host: 'host',
        pid: '12',
        messageId: 'ID47',
        facility: 'local4',
        severity: 'notice',
        'ex@1': { iut: '3', q: 'a"]b' },
        'b@1': { c: 'd' },
      },
    },
  ],
  [
    'RFC 3164',
    '<11>Nov 28 17:32:18 host app[12]: cannot connect',
    {
      format: 'syslog',
      level: 'error',
      service: 'app',
      message: 'cannot connect',
      timeMs: Date.UTC(2026, 10, 28, 17, 32, 18),
    },
  ],
  [
    'a level within syslog',
    '<13>Nov 28 17:32:18 host app: ERROR cannot connect',
    { level: 'error', message: 'cannot connect' },
  ],
  [
    'logfmt within syslog',
    'Nov 28 17:32:18 host app[1]: level=error msg="x y"',
    { format: 'logfmt', service: 'app', level: 'error', message: 'x y' },
  ],
  [
    'rsyslog',
    '2026-01-31T12:00:00.123456+01:00 host kernel: eth0 up',
    { format: 'syslog', service: 'kernel', message: 'eth0 up' },
  ],
  [
    'the combined format',
    '192.0.2.1 - frank [31/Jan/2026:04:00:00 -0800] "GET /a.gif HTTP/1.0" 404 2326 "http://example.com/" "Mozilla/4.08 [en]"',
    {
      ...{ format: 'access', timeMs: 1769860800000, level: 'warn' },
      message: '"GET /a.gif HTTP/1.0" 404 2326 "http://example.com/" "Mozilla/4.08 [en]"',
      attributes: {
        client: '192.0.2.1',
        user: 'frank',
        method: 'GET',
        path: '/a.gif',
        status: 404,
        bytes: 2326,
        referer: 'http://example.com/',
        userAgent: 'Mozilla/4.08 [en]',
      },
    },
  ],
  [
    'HAProxy',
    'Nov 28 12:14:14 lb haproxy[14389]: 192.0.2.2:33317 [28/Nov/2026:12:14:14.655] http-in static/srv1 10/0/30/69/109 503 2750 - - ---- 1/1/1/1/0 0/0 "GET /i HTTP/1.1"',
    { service: 'haproxy', level: 'error' },
  ],
  [
    'klog',
    'E0131 12:00:00.123456    1234 server.go:42] "Failed" err="x"',
    {
      format: 'klog',
      level: 'error',
      timeMs: 1769860800123,
      message: '"Failed" err="x"',
      attributes: { tid: '1234', file: 'server.go:42' },
    },
  ],
  [
    'docker compose',
    'web-1  | {"level":"error","msg":"x"}',
    { level: 'error', message: 'x', attributes: { source: 'web-1' } },
  ],
  [
    'a time and nothing else',
    '2026-01-31 12:00:00 INFO',
    { timeMs: 1769860800000, level: 'info', message: '2026-01-31 12:00:00 INFO' },
  ],
  ['nothing', '', { format: 'text', message: '' }],
])('%s', (_what, line, expected) => {
  expect(read(line)).toMatchObject(expected);
});

test('what stands between level and message keeps its name', () => {
  const spring = read('2026-01-31T12:00:00.123Z  INFO 1234 --- [main] c.e.demo.Application     : Started');
  expect(spring).toMatchObject({
    message: 'Started',
    attributes: { pid: '1234', thread: 'main', logger: 'c.e.demo.Application' },
  });
  const apache = read('[Fri Sep 11 10:42:29 2026] [core:error] [pid 35:tid 43] [client 192.0.2.7] gone');
  expect(apache).toMatchObject({
    message: 'gone',
    attributes: { pid: '35', tid: '43', client: '192.0.2.7', logger: 'core' },
  });
});

test('colours stay in the message, and hide nothing', () => {
  const line = read(
    '\u001b[2m2026-01-31T12:00:00Z\u001b[0m \u001b[33m WARN\u001b[0m \u001b[1mdisk \u001b[31mfull\u001b[0m',
  );
  expect(line).toMatchObject({
    level: 'warn',
    timeMs: 1769860800000,
    message: '\u001b[1mdisk \u001b[31mfull\u001b[0m',
  });
  expect(read('\u001b[31m[ERROR] all of it is red\u001b[0m')).toMatchObject({
    level: 'error',
    message: '\u001b[31mall of it is red\u001b[0m',
  });
  expect(read('\u001b[31mnothing known\u001b[0m')).toMatchObject({
    format: 'text',
    message: '\u001b[31mnothing known\u001b[0m',
  });
});

test.each([
  ['2026-01-01T00:00:10Z', 'Dec 31 23:59:50 INFO x', '2025-12-31T23:59:50.000Z'],
  ['2025-12-31T23:59:50Z', 'Jan  1 00:00:10 INFO x', '2026-01-01T00:00:10.000Z'],
  ['2026-03-05T00:00:00Z', 'Feb 29 10:00:00 INFO x', '2024-02-29T10:00:00.000Z'],
  ['2026-03-05T00:10:00Z', '23:50:00 INFO x', '2026-03-04T23:50:00.000Z'],
  ['2026-03-04T23:59:59Z', '00:00:01 INFO x', '2026-03-05T00:00:01.000Z'],
  ['2026-11-12T12:00:00Z', '11/12/26 11:00:00 INFO x', '2026-11-12T11:00:00.000Z'],
  ['2026-11-12T12:00:00Z', '12.11.2026 11:00:00 INFO x', '2026-11-12T11:00:00.000Z'],
])('at %s "%s" was at %s', (now, line, expected) => {
  const { timeMs = Number.NaN } = understandLine(line, { nowMs: Date.parse(now), zoneMinutes: 0 });
  expect(new Date(timeMs).toISOString()).toBe(expected);
});

test('a time without a zone is of the zone that is given, otherwise of this machine', () => {
  const line = '2026-07-01 12:00:00 INFO x';
  expect(understandLine(line, { zoneMinutes: 120 }).timeMs).toBe(Date.UTC(2026, 6, 1, 10));
  expect(understandLine(line).timeMs).toBe(new Date(2026, 6, 1, 12).getTime());
});

test.each([
  '2026-02-30 12:00:00 INFO x',
  '2026-13-01 12:00:00 INFO x',
  '2026-01-01 25:00:00 INFO x',
  '0000-00-00 00:00:00 INFO x',
])('"%s" is at no time', (line) => {
  expect(read(line).timeMs).toBeUndefined();
});

test('the lines that follow the first belong to the message', () => {
  const text = '2026-01-31 12:00:00 ERROR failed\njava.lang.IllegalStateException: x\n\tat a.B.c(B.java:1)';
  expect(read(text)).toMatchObject({
    level: 'error',
    message: 'failed\njava.lang.IllegalStateException: x\n\tat a.B.c(B.java:1)',
  });
  expect(read('info: Some.Category[0]\n      Now listening')).toMatchObject({
    level: 'info',
    message: 'Now listening',
    attributes: { logger: 'Some.Category[0]' },
  });
  expect(read('Jan 02, 2026 3:04:05 PM a.B c\nSEVERE: it failed')).toMatchObject({
    level: 'error',
    message: 'a.B c\nSEVERE: it failed',
  });
  expect(read('level=error msg=x\n  at y')).toMatchObject({ format: 'logfmt', message: 'x\n  at y' });
});

test('as an event a line has its own service before the one that is given', () => {
  expect(logFromLine('hello', { ...OPTIONS, service: 'web' })).toEqual({
    kind: 'log',
    message: 'hello',
    service: 'web',
  });
  expect(logFromLine('Nov 28 17:32:18 host app[1]: x', { ...OPTIONS, service: 'web' }).service).toBe('app');
});
