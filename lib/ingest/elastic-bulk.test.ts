import { describe, expect, test } from 'vitest';
import { AppError } from '@/lib/core/errors.ts';
import { elasticBulk, refuseElastic } from './elastic-bulk.ts';
import { testProtocol } from './testing/protocol-contract.ts';
import { headOf, runProtocol } from './testing/run-protocol.ts';

const lines = (...values: readonly unknown[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join('');
const create = { create: {} };

testProtocol({
  protocol: elasticBulk,
  samples: [
    {
      title: 'ECS in dots and nested, what Filebeat and a bare script send',
      path: '/logs-shop-default/_bulk',
      body: lines(
        { create: { _index: 'filebeat-8', _id: 'a1' } },
        {
          '@timestamp': '2026-01-01T00:00:00.123Z',
          message: 'paid',
          log: { level: 'warn', file: { path: '/var/log/shop.log' } },
          service: { name: 'shop', version: '2' },
          host: { name: 'web-1' },
          trace: { id: 'aaaabbbbccccddddaaaabbbbccccdddd' },
          span: { id: 'aaaabbbbccccdddd' },
          data_stream: { dataset: 'shop', type: 'logs' },
          error: { stack_trace: 'at pay()', message: 'no money' },
        },
        { index: {} },
        {
          'log.level': 'ERROR',
          'service.name': 'shop',
          'host.name': 'web-2',
          message: 'failed',
          '@timestamp': 1767225600000,
        },
        { update: { _id: 'a1' } },
        { doc: {} },
        { delete: { _id: 'a1' } },
        create,
        [1],
      ),
      becomes: [
        {
          message: 'paid',
          time: '2026-01-01T00:00:00.123Z',
          level: 'warn',
          service: 'shop',
          traceId: 'aaaabbbbccccddddaaaabbbbccccdddd',
          spanId: 'aaaabbbbccccdddd',
          attributes: {
            _index: 'filebeat-8',
            _id: 'a1',
            'host.name': 'web-1',
            'error.stack_trace': 'at pay()',
            error: { message: 'no money' },
            log: { file: { path: '/var/log/shop.log' } },
            service: { version: '2' },
            data_stream: { dataset: 'shop', type: 'logs' },
          },
        },
        {
          message: 'failed',
          level: 'ERROR',
          service: 'shop',
          time: 1767225600000,
          attributes: { _index: 'logs-shop-default', 'host.name': 'web-2' },
        },
        'a journal only grows',
        'a journal only grows',
        'expected an object as the document',
      ],
    },
    {
      title: 'a body that ends without a line end, with empty lines and CRLF',
      path: '/_bulk',
      body: '\n{"create":{}}\r\n{"message":"one"}\r\n\n{"index":{}}\n{"message":"two"}',
      becomes: [{ message: 'one' }, { message: 'two' }],
    },
    {
      title: 'what Fluent Bit makes of a container’s line',
      path: '/elasticsearch/_bulk',
      body: lines(create, { log: 'hello', stream: 'stderr', kubernetes: { container_name: 'api', pod_name: 'api-1' } }),
      becomes: [
        { message: 'hello', service: 'api', attributes: { stream: 'stderr', kubernetes: { container_name: 'api' } } },
      ],
    },
  ],
  write: (text, name) => ({ path: '/_bulk', body: lines(create, { message: text, [`${name}`]: 1 }) }),
});

type Answer = {
  took: number;
  errors: boolean;
  items: Record<string, { status: number; error?: { reason: string } }>[];
};

async function answered(path: string, body: string): Promise<Answer> {
  const { response } = await runProtocol(elasticBulk(), { path, body });
  expect(response.headers.get('X-Elastic-Product')).toBe('Elasticsearch');
  return (await response.json()) as Answer;
}

describe('the answer', () => {
  test('names every action in its order, with a status of its own', async () => {
    const body = lines(
      { create: { _index: 'i', _id: '1' } },
      { message: 'a' },
      { delete: { _id: '2' } },
      { index: {} },
      { message: 'b', '@timestamp': 'yesterday' },
      { index: {} },
      { message: 'c' },
    );
    const { errors, items } = await answered('/p/_bulk', body);
    expect(errors).toBe(true);
    expect(items).toMatchObject([
      { create: { _index: 'i', _id: '1', status: 201, result: 'created' } },
      { delete: { _index: 'p', _id: '2', status: 400 } },
      {
        index: { status: 400, error: { type: 'document_parsing_exception', reason: expect.stringContaining('time:') } },
      },
      { index: { _index: 'p', status: 201 } },
    ]);
  });

  test('spells out more errors than twenty', async () => {
    const { items } = await answered('/_bulk', lines(...Array.from({ length: 50 }, () => [create, 3]).flat()));
    expect(items.map(({ create: item }) => item?.status)).toEqual(Array.from({ length: 50 }, () => 400));
  });

  test.each([
    ['errors,items.*.error,items.*.status', '{"errors":false,"items":[{"create":{"status":201}}]}'],
    ['errors,items.*.error', '{"errors":false}'],
    ['items.*.*', '{"items":[{"create":{"_index":"tailrace","_version":1,"result":"created","status":201}}]}'],
    ['-took', undefined],
  ])('holds what the filter path %s asks for', async (filter, text) => {
    const { response } = await runProtocol(elasticBulk(), {
      path: `/_bulk?filter_path=${filter}`,
      body: lines(create, { message: 'a' }),
    });
    const answer = await response.text();
    if (text === undefined) expect(answer).toContain('"result":"created"');
    else expect(answer).toBe(text);
  });
});

describe('a body whose actions cannot be followed', () => {
  test.each([
    ['an action that is none', 'hello'],
    ['an unknown action', '{"upsert":{}}'],
    ['an action without its object', '{"create":1}'],
    ['a list', '[]'],
    ['a name of Object', '{"constructor":{}}'],
  ])('%s: nothing of it is stored, and the line is named', async (_title, bad) => {
    const body = `${lines(create, { message: 'a' })}${bad}\n${lines({ message: 'b' })}`;
    const { stored, error, response } = await runProtocol(elasticBulk(), { path: '/_bulk', body });
    expect(stored).toEqual([]);
    expect(error?.message).toContain('line 3: expected an action');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ status: 400, error: { type: 'illegal_argument_exception' } });
  });

  test('more actions than an answer can name are refused whole, as too large', async () => {
    const body = '{"index":{}}\n{}\n'.repeat(100_001);
    const { stored, response } = await runProtocol(elasticBulk(), { path: '/_bulk', body });
    expect([stored.length, response.status]).toEqual([0, 413]);
  });
});

test.each([
  ['unauthorized', 401],
  ['forbidden', 403],
] as const)('%s is a security exception, as clients know it', async (code, status) => {
  const response = refuseElastic(new AppError(code, 'why'));
  expect(response.status).toBe(status);
  expect(await response.json()).toMatchObject({ status, error: { type: 'security_exception', reason: 'why' } });
});

test('a body in which every action has an id is recognised when it comes again; any other is new', () => {
  const head = headOf({ path: '/_bulk' });
  const repeats = (body: string): boolean => {
    const { isRepeatable } = elasticBulk();
    return typeof isRepeatable === 'function' && isRepeatable(Buffer.from(body), head);
  };
  const named = lines({ create: { _id: '1' } }, { message: 'a' });
  expect(repeats(named + named)).toBe(true);
  expect(repeats(named + lines(create, { message: 'a' }))).toBe(false);
});

test('a document without a text is its own text, and its attributes all the same', async () => {
  const body = lines(create, { '@timestamp': '2026-01-01T00:00:00Z', system: { cpu: 0.5 } });
  const { stored } = await runProtocol(elasticBulk(), { path: '/_bulk', body });
  expect(stored).toMatchObject([
    { message: '{"@timestamp":"2026-01-01T00:00:00Z","system":{"cpu":0.5}}', attributes: { system: { cpu: 0.5 } } },
  ]);
});

test('pino’s numbers and a message that is an object are understood', async () => {
  const body = lines(create, { level: 50, message: { a: 1 } });
  const { stored } = await runProtocol(elasticBulk(), { path: '/_bulk', body });
  expect(stored).toMatchObject([{ level: 'error', message: '{"a":1}' }]);
});

test('a stack trace longer than an attribute may be is cut, not refused', async () => {
  const body = lines(create, { message: 'm', error: { stack_trace: 'at x\n'.repeat(10_000) } });
  const { stored, sender } = await runProtocol(elasticBulk(), { path: '/_bulk', body });
  expect(stored[0]?.attributes?.['truncatedAttributes']).toEqual(['error.stack_trace']);
  expect(sender.truncated).toBe(1);
});
