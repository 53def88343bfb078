import { describe, expect, test } from 'vitest';
import { lokiProtobuf } from '../testing/loki-bodies.ts';
import { testProtocol } from '../testing/protocol-contract.ts';
import { headOf, runProtocol } from '../testing/run-protocol.ts';
import type { Understand } from '../understand.ts';
import { createLokiPush } from './loki-push.ts';

const JSON_TYPE = { 'Content-Type': 'application/json' };
const PROTOBUF_TYPE = { 'Content-Type': 'application/x-protobuf' };
const SECONDS = 1_767_225_600;
const NS = `${SECONDS}123456789`;
const TIME = '2026-01-01T00:00:00.123Z';

const push = (streams: unknown, headers = {}, understand?: Understand) =>
  runProtocol(createLokiPush(understand), {
    body: JSON.stringify({ streams }),
    headers: { ...JSON_TYPE, ...headers },
  });
const single = (stream: object, line = 'line', metadata?: object) => [
  { stream, values: [metadata ? [NS, line, metadata] : [NS, line]] },
];

describe('Loki push as JSON', () => {
  testProtocol({
    protocol: createLokiPush(),
    samples: [
      {
        title: 'streams with labels, lines and structured metadata',
        headers: JSON_TYPE,
        body: JSON.stringify({
          streams: [
            {
              stream: { app: 'shop', level: 'warn', pod: 'p1' },
              values: [
                [NS, 'a'],
                [NS, 'b', { trace_id: 't1' }],
              ],
            },
            { stream: { job: 'cron' }, values: [[NS, 'c', { user: 'u' }]] },
          ],
        }),
        becomes: [
          { message: 'a', level: 'warn', service: 'shop', attributes: { pod: 'p1' } },
          { message: 'b', traceId: 't1' },
          { message: 'c', service: 'cron', attributes: { user: 'u' } },
        ],
      },
    ],
    write: (text, name) => ({
      headers: JSON_TYPE,
      body: `{"streams":[{"stream":{},"values":[["${NS}",${JSON.stringify(text)},{${JSON.stringify(name)}:"v"}]]}]}`,
    }),
  });
});

describe('Loki push as protobuf', () => {
  testProtocol({
    protocol: createLokiPush(),
    samples: [
      {
        title: 'streams with labels, lines and structured metadata',
        headers: PROTOBUF_TYPE,
        body: lokiProtobuf([
          {
            labels: '{app="shop", level="warn"}',
            lines: [
              { seconds: SECONDS, nanos: 123_456_789, line: 'a' },
              { seconds: SECONDS, line: 'b', metadata: { trace_id: 't1', user: 'u' } },
            ],
          },
          { labels: '{job=cron}', lines: [{ line: 'c' }, { line: 'd' }] },
          { labels: '{}', lines: [{ seconds: SECONDS, line: 'é' }] },
        ]),
        becomes: [
          { message: 'a', level: 'warn', service: 'shop', time: Date.parse(TIME) },
          { message: 'b', traceId: 't1', attributes: { user: 'u' } },
          /expected labels such as/,
          { message: 'é' },
        ],
      },
    ],
    write: (text, name) => ({
      headers: PROTOBUF_TYPE,
      body: lokiProtobuf([
        { labels: '{}', lines: [{ seconds: SECONDS, line: text, metadata: Object.fromEntries([[name, 'v']]) }] },
      ]),
    }),
  });

  test('what is broken anywhere stores nothing, not even what stands before', async () => {
    const whole = lokiProtobuf([{ labels: '{}', lines: [{ line: 'a' }, { line: 'b' }, { line: 'c' }] }]);
    for (let length = 1; length < whole.length; length += 1) {
      const { stored, error } = await runProtocol(createLokiPush(), {
        body: whole.subarray(0, length),
        headers: PROTOBUF_TYPE,
      });
      expect(stored).toEqual([]);
      expect(error?.code).toBe('bad-request');
    }
  });
});

describe('A stream of Loki', () => {
  test('names its service by the label that Loki would take, and keeps the others', async () => {
    const { stored } = await push([
      ...single({ service_name: 's', app: 'a' }),
      ...single({ job: 'j', container: 'c', service: '' }),
      ...single({ filename: '/var/log/x' }),
      ...single({}, 'line', { service_name: 'm' }),
    ]);
    expect(stored).toMatchObject([
      { service: 's', attributes: { app: 'a' }, time: TIME },
      { service: 'c', attributes: { job: 'j', service: '' } },
      { service: 'unknown', attributes: { filename: '/var/log/x' } },
      { service: 'm' },
    ]);
  });

  test('gives a line the level of its metadata, else of its labels; a level that nobody knows stays a label', async () => {
    const { stored } = await push([
      ...single({ level: 'info' }, 'line', { detected_level: 'error' }),
      ...single({ severity: 'WARNING' }),
      ...single({ level: 'purple', lvl: 'debug' }),
    ]);
    expect(stored.map((event) => 'level' in event && event.level)).toEqual(['error', 'warn', 'debug']);
    expect(stored[2]).toMatchObject({ attributes: { level: 'purple' } });
  });

  test('keeps trace and span, and the tenant of the request', async () => {
    const metadata = { traceID: 'a'.repeat(32), span_id: 'b'.repeat(16), order: 'o1' };
    const { stored } = await push(single({ app: 'x' }, 'line', metadata), { 'X-Scope-OrgID': 'team-a' });
    expect(stored).toMatchObject([
      { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), attributes: { order: 'o1', tenant: 'team-a' } },
    ]);
    const own = await push(single({ tenant: 'mine' }), { 'X-Scope-OrgID': 'team-a' });
    expect(own.stored).toMatchObject([{ attributes: { tenant: 'mine' } }]);
  });

  test('has its lines understood where nobody has said the level, and where they are JSON', async () => {
    const understand: Understand = (text) => ({
      message: `read ${text}`,
      level: 'error',
      service: 'from-line',
      traceId: 't',
      attributes: { found: true, pod: 'line' },
    });
    const run = await push(
      [
        ...single({ pod: 'label' }, 'plain'),
        ...single({ level: 'info' }, 'plain'),
        ...single({ level: 'info', app: 'shop' }, '{"msg":"m"}'),
      ],
      {},
      understand,
    );
    expect(run.stored).toMatchObject([
      { message: 'read plain', level: 'error', service: 'from-line', traceId: 't', attributes: { pod: 'label' } },
      { message: 'plain', level: 'info', service: 'unknown' },
      { message: 'read {"msg":"m"}', level: 'info', service: 'shop', attributes: { found: true } },
    ]);
  });
});

describe('The answer to a push', () => {
  test('is 204 without a body when all is stored, also when there was nothing', async () => {
    const { response } = await push(single({ app: 'a' }));
    expect(response.status).toBe(204);
    expect(await response.text()).toBe('');
    expect((await push([])).response.status).toBe(204);
  });

  test('is 400 with a sentence for a time that is a number, and nothing is stored', async () => {
    const { response, stored } = await push([
      {
        stream: {},
        values: [
          [NS, 'kept back'],
          [1_767_225_600, 'line'],
        ],
      },
    ]);
    expect(response.status).toBe(400);
    expect(response.headers.get('Content-Type')).toContain('text/plain');
    const text = await response.text();
    expect(text).toContain('streams[0].values[1][0]: expected the time as a string of nanoseconds');
    expect(text).toContain('send it as a string');
    expect(stored).toEqual([]);
  });

  test('is 400 that counts when a part is refused; the rest is stored', async () => {
    const body = lokiProtobuf([
      { labels: 'no labels', lines: [{ line: 'x' }] },
      { labels: '{app="a"}', lines: [{ line: 'y' }] },
    ]);
    const { response, stored } = await runProtocol(createLokiPush(), { body, headers: PROTOBUF_TYPE });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('1 stored, 1 refused');
    expect(stored).toMatchObject([{ service: 'a' }]);
  });

  test('is 415 for another format, and snappy is expected without being named', async () => {
    const loki = createLokiPush();
    const encoding = (headers: Record<string, string>) => loki.encodingOf?.(headOf({ headers }));
    expect(encoding(PROTOBUF_TYPE)).toBe('snappy');
    expect(encoding({ ...PROTOBUF_TYPE, 'Content-Encoding': 'snappy' })).toBe('snappy');
    expect(encoding({})).toBe('snappy');
    expect(encoding({ ...JSON_TYPE, 'Content-Encoding': 'gzip' })).toBe('gzip');
    expect(encoding({ 'Content-Type': 'application/json; charset=utf-8' })).toBe('identity');
    expect(() => encoding({ 'Content-Type': 'text/plain' })).toThrow('expected Content-Type');
    expect(() => encoding({ ...PROTOBUF_TYPE, 'Content-Encoding': 'gzip' })).toThrow('snappy');
    expect(() => encoding({ ...JSON_TYPE, 'Content-Encoding': 'zstd' })).toThrow('zstd');
  });
});
