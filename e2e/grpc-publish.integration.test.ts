import { type ClientDuplexStream, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { parsePosition } from '@/lib/core/position.ts';
import { GrpcClient, grpcStub, type TailraceStub } from './conformance/clients/grpc-client.ts';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { until } from './support/wait.ts';

type Fields = Record<string, unknown>;
type Publishing = {
  call: ClientDuplexStream<Fields, Fields>;
  answers: Fields[];
  error: () => ServiceError | undefined;
};

let server: InProcessServer;
let stub: TailraceStub;
let heldBefore = 0;
beforeAll(async () => {
  server = await startInProcess('socket', { TAILRACE_GRPC_PORT: '0', TAILRACE_HEARTBEAT_MS: '300' });
  stub = grpcStub(`127.0.0.1:${server.gateway.grpcPort}`);
  heldBefore = server.runtime.ledger.held('listener');
});
afterEach(async () => {
  // Whatever a call has held, it has given back.
  await until('no call to hold anything', () => server.runtime.ledger.held('listener') === heldBefore);
});
afterAll(async () => {
  stub.close();
  await server.close();
});

const log = (message: string, more: Fields = {}): Fields => ({ service: 'grpc', log: { message }, ...more });
const seqOf = (position: unknown): number => parsePosition(String(position))?.seq ?? Number.NaN;

function publishing(): Publishing {
  const call = stub.Publish();
  const answers: Fields[] = [];
  let error: ServiceError | undefined;
  call.on('data', (answer: Fields) => answers.push(answer));
  call.on('error', (failure: ServiceError) => {
    error = failure;
  });
  return { call, answers, error: () => error };
}

function unary(method: 'PublishBatch' | 'Query', request: Fields): Promise<Fields> {
  return new Promise((resolve, reject) => {
    stub[method](request, (error, response) => (error ? reject(error) : resolve(response)));
  });
}

test('a call that ends right behind a large batch is answered before its end', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { call, answers } = publishing();
    const ended = new Promise((resolve) => call.once('end', resolve));
    for (let batch = 0; batch < 3; batch += 1) {
      call.write({ events: Array.from({ length: 900 }, (_, n) => log(`${batch}-${n}`)) });
    }
    call.end();
    await ended;
    expect(answers.map(({ accepted }) => accepted)).toEqual([900, 900, 900]);
  }
});

test('batches are acknowledged one by one, in order and durable, while the call goes on', async () => {
  const { call, answers } = publishing();
  for (let batch = 0; batch < 200; batch += 1) call.write({ events: [log(`${batch}a`), log(`${batch}b`)] });
  await until('200 answers', () => answers.length === 200);
  for (const [index, answer] of answers.entries()) {
    expect(answer).toMatchObject({ accepted: 2, rejected: 0, durable: true, errors: [] });
    expect(seqOf(answer['last'])).toBe(seqOf(answer['first']) + 1);
    if (index > 0) expect(seqOf(answer['first'])).toBe(seqOf(answers[index - 1]?.['last']) + 1);
  }
  expect(server.runtime.journal.durableSeq).toBeGreaterThanOrEqual(seqOf(answers.at(-1)?.['last']));
  // Idle in between, and then on.
  call.write({ events: [log('later')] });
  await until('one more', () => answers.length === 201);
  call.end();
  await new Promise((resolve) => call.once('status', resolve));
});

test('what is published is what is read, whatever kind it is', async () => {
  const client = new GrpcClient(`http://127.0.0.1:${server.gateway.grpcPort}`, { query: '?service=both' });
  await client.first('live');
  const time = '2026-02-03T04:05:06.007Z';
  const attributesJson = JSON.stringify({ a: { b: [1, null, 'ü'] }, n: 'x' });
  await unary('PublishBatch', {
    events: [
      { service: 'both', time, attributesJson, log: { message: '', level: 'WARNING', traceId: 't' } },
      { service: 'both', time, metric: { name: 'queue.depth', value: 0, type: 'counter', unit: 'jobs' } },
    ],
  });
  await client.events(2);
  const [first, second] = client.frames.filter(({ id, event }) => id && ['log', 'metric'].includes(event));
  expect(JSON.parse(first?.data ?? '')).toMatchObject({
    ...{ kind: 'log', time, level: 'warn', service: 'both', message: '', traceId: 't' },
    attributes: { a: { b: [1, null, 'ü'] }, n: 'x' },
  });
  const metric = {
    kind: 'metric',
    time,
    service: 'both',
    name: 'queue.depth',
    value: 0,
    type: 'counter',
    unit: 'jobs',
  };
  expect(JSON.parse(second?.data ?? '')).toMatchObject(metric);
  expect(client.ledger.faults).toEqual(NO_FAULTS);
  client.close();
});

test('what is not valid is told by its place, and the rest is taken', async () => {
  const answer = await unary('PublishBatch', {
    events: [
      log('good'),
      { service: 'grpc' },
      log('bad json', { attributesJson: '{' }),
      log('bad time', { time: 'soon' }),
      { metric: { name: 'm', value: Number.NaN } },
      log('an array', { attributesJson: '[1]' }),
      log('good too'),
    ],
  });
  expect(answer).toMatchObject({ accepted: 2, rejected: 5, durable: true });
  const errors = answer['errors'] as { index: number; error: string }[];
  expect(errors.map(({ index }) => index)).toEqual([1, 2, 3, 4, 5]);
  expect(errors[0]?.error).toContain('expected a log or a metric');
  expect(errors[1]?.error).toContain('attributes_json: not valid JSON');
  expect(errors[2]?.error).toContain('time: expected ISO 8601');
  expect(errors[3]?.error).toContain('value');
  expect(errors[4]?.error).toContain('attributes: expected an object');
  expect(await unary('PublishBatch', { events: [{}] })).toMatchObject({
    accepted: 0,
    rejected: 1,
    first: '',
    last: '',
  });
});

test('a batch that comes twice under one key is stored once, another one under that key is refused', async () => {
  const request = { events: [log('once'), log('and once')], idempotencyKey: `key-${Date.now()}` };
  const first = await unary('PublishBatch', request);
  expect(await unary('PublishBatch', request)).toEqual(first);
  const { call, answers, error } = publishing();
  call.write(request);
  call.write({ ...request, events: [log('other')] });
  await until('the end', () => error() !== undefined);
  // What came before the failure has been answered.
  expect(answers).toEqual([first]);
  expect(error()?.code).toBe(status.FAILED_PRECONDITION);
  expect(error()?.metadata.get('tailrace-code')).toEqual(['idempotency-mismatch']);
});

test('a key that is too long, and a message that is too large, are refused in words', async () => {
  const failed = (): number => server.runtime.senders.rows().find(({ protocol }) => protocol === 'grpc')?.failed ?? 0;
  const before = failed();
  await expect(unary('PublishBatch', { events: [], idempotencyKey: 'k'.repeat(201) })).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
    details: expect.stringContaining('idempotency_key: expected at most 200 characters, got 201'),
  });
  expect(failed()).toBe(before + 1);
  const large = Array.from({ length: 5 }, () => log('p'.repeat(1024 * 1024)));
  await expect(unary('PublishBatch', { events: large })).rejects.toMatchObject({ code: status.RESOURCE_EXHAUSTED });
  expect(await unary('PublishBatch', { events: [log('still here')] })).toMatchObject({ accepted: 1 });
});

test('bytes that are no message, and metadata without end, end their own call only', async () => {
  const bytes = (value: Buffer): Buffer => value;
  const sent = new Promise<ServiceError | null>((resolve) => {
    const path = '/tailrace.v1.Tailrace/PublishBatch';
    stub.makeUnaryRequest(path, bytes, bytes, Buffer.from([0x0a, 0xff, 0xff]), (error) => resolve(error));
  });
  expect((await sent)?.code).toBe(status.INTERNAL);
  const metadata = new Metadata();
  metadata.set('x-large', 'x'.repeat(200_000));
  const call = stub.Publish(metadata);
  const failed = await new Promise<ServiceError>((resolve) => call.once('error', resolve));
  expect(failed.code).not.toBe(status.OK);
  expect(await unary('PublishBatch', { events: [log('still here')] })).toMatchObject({ accepted: 1 });
});

test('a page of history has what HTTP has, and pages join in both directions', async () => {
  const events = Array.from({ length: 25 }, (_, index) => ({ ...log(`page ${index}`), service: 'paged' }));
  const { first } = await unary('PublishBatch', { events });
  const filter = { services: ['paged'] };
  const newest = await unary('Query', { filter, limit: 10 });
  const older = await unary('Query', { filter, limit: 10, before: newest['before'] });
  const newer = await unary('Query', { filter, limit: 10, after: (older['events'] as Fields[]).at(-1)?.['position'] });
  const messages = (page: Fields) => (page['events'] as { log: Fields }[]).map(({ log: { message } }) => message);
  expect(messages(newest)).toEqual(Array.from({ length: 10 }, (_, index) => `page ${index + 15}`));
  expect(messages(older)).toEqual(Array.from({ length: 10 }, (_, index) => `page ${index + 5}`));
  expect(messages(newer)).toEqual(messages(newest));
  expect((newest['events'] as Fields[])[0]).toMatchObject({ durable: true, prev: '' });
  const response = await fetch(`${server.url}/api/events?service=paged&limit=10`);
  const page = (await response.json()) as { events: { position: string }[]; before: string };
  expect((newest['events'] as Fields[]).map(({ position }) => position)).toEqual(page.events.map((e) => e.position));
  expect(newest['before']).toBe(page.before);
  expect(seqOf(first)).toBeGreaterThan(0);
});

test.each([
  [{ limit: 5001 }, 'limit: expected a whole number from 1 to 5000, got 5001'],
  [{ before: 'nonsense' }, 'before: expected a position such as'],
  [{ filter: { level: 'loud' } }, 'level'],
])('a query that is not understood is refused as over HTTP: %j', async (request, says) => {
  await expect(unary('Query', request)).rejects.toMatchObject({
    code: status.INVALID_ARGUMENT,
    details: expect.stringContaining(says),
  });
});

test('a page that would not fit into a message is shorter, and the next one begins there', async () => {
  const events = Array.from({ length: 3 }, (_, index) => log(`${index}${'p'.repeat(200_000)}`, { service: 'fat' }));
  for (let batch = 0; batch < 8; batch += 1) await unary('PublishBatch', { events });
  const seen: unknown[] = [];
  for (let before = ''; seen.length < 24; ) {
    const page = await unary('Query', { filter: { services: ['fat'] }, limit: 100, before });
    seen.unshift(...(page['events'] as Fields[]).map(({ position }) => position));
    expect((page['events'] as Fields[]).length).toBeLessThan(24);
    before = String(page['before']);
  }
  expect(new Set(seen).size).toBe(24);
  expect(seen).toEqual([...seen].sort((a, b) => seqOf(a) - seqOf(b)));
});
