import { gzipSync } from 'node:zlib';
import { compressSync } from 'snappy';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { AppError } from '@/lib/core/errors.ts';
import { ByteGate } from '@/lib/ingest/byte-gate.ts';
import type { HttpProtocol } from '@/lib/ingest/http-protocol.ts';
import { type AppendName, NamedAppends, type Placed } from '@/lib/ingest/named-appends.ts';
import { toyProtocol } from '@/lib/ingest/testing/toy-protocol.ts';
import { receptionContext } from '../testing/reception-context.ts';
import { type ProtocolContext, postProtocol } from './protocol-endpoint.ts';

const MIB = 1024 * 1024;
const GATE_BYTES_MAX = 4 * MIB;

function setUp({ perSecondMax = 1_000_000 } = {}) {
  const stored: string[] = [];
  const receipts: (AppendName & Placed)[] = [];
  const state = { failure: undefined as Error | undefined };
  const ingestSink = new NamedAppends({
    async append(events, name) {
      await Promise.resolve();
      if (state.failure) throw state.failure;
      const firstSeq = stored.length + 1;
      stored.push(...events.map(({ body }) => JSON.parse(body).message as string));
      const placed = { firstSeq, lastSeq: stored.length };
      if (name) receipts.push({ ...name, ...placed });
      return placed;
    },
    receipts: async (keys) => receipts.filter(({ key }) => keys.includes(key)),
  });
  const context: ProtocolContext = {
    ...receptionContext(ingestSink, perSecondMax),
    bodyGate: new ByteGate(GATE_BYTES_MAX),
    config: { ingest: { jsonBytesMax: MIB }, access: { allowedOrigins: [] } },
  };
  const send = async (given: RequestInit & { path?: string; protocol?: HttpProtocol } = {}) => {
    const { path = '/toy', protocol = toyProtocol, ...init } = given;
    const request = new Request(`http://localhost${path}`, { method: 'POST', duplex: 'half', ...init } as RequestInit);
    const response = await postProtocol(context, request, protocol);
    return { status: response.status, headers: response.headers, answer: await response.json() };
  };
  const row = () => context.senders.rows()[0];
  return { context, send, stored, state, row, gate: context.bodyGate };
}

const bodyOf = (...messages: string[]): string => JSON.stringify(messages.map((message) => ({ kind: 'log', message })));

function streamOf(pieces: Iterable<Uint8Array>, onCancel: () => void = () => undefined): ReadableStream<Uint8Array> {
  const iterator = pieces[Symbol.iterator]();
  return new ReadableStream(
    {
      pull(controller) {
        const { done, value } = iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: onCancel,
    },
    { highWaterMark: 0 },
  );
}

afterEach(() => {
  vi.useRealTimers();
});

test('what is valid is stored, what is not is counted, and the sender’s row knows both', async () => {
  const { send, stored, row, context, gate } = setUp();
  const body = '[{"kind":"log","message":"a"},3,{"kind":"log","message":"b"},{"kind":"nonsense"}]';
  expect(await send({ body })).toMatchObject({ status: 200, answer: { accepted: 2, rejected: 2 } });
  expect(stored).toEqual(['a', 'b']);
  expect(row()).toMatchObject({
    protocol: 'toy',
    requests: 1,
    accepted: 2,
    rejected: 2,
    failed: 0,
    bytes: body.length,
  });
  expect(context.ingestTotals).toMatchObject({ requests: 1, accepted: 2, rejected: 2, failed: 0 });
  expect(gate.held).toBe(0);
});

test.each([
  ['gzip', gzipSync],
  ['snappy', compressSync],
] as const)('%s is unpacked, and counted as it came over the line', async (encoding, compress) => {
  const { send, stored, row } = setUp();
  const body = compress(bodyOf('x'.repeat(1000)));
  await send({ body: new Uint8Array(body), headers: { 'Content-Encoding': encoding } });
  expect(stored).toEqual(['x'.repeat(1000)]);
  expect(row()?.bytes).toBe(body.length);
});

describe('bodies that are too much', () => {
  test('10 MB that would be 10 GB are stopped at the limit, the rest is not even read', async () => {
    const { send, gate, row } = setUp();
    const bomb = gzipSync(new Uint8Array(64 * MIB));
    let read = 0;
    let heldMax = 0;
    const pieces = (function* () {
      for (; read < 160; read += 1) {
        heldMax = Math.max(heldMax, gate.held);
        yield new Uint8Array(bomb);
      }
    })();
    const { status } = await send({ body: streamOf(pieces), headers: { 'Content-Encoding': 'gzip' } });
    expect(status).toBe(413);
    expect(read).toBeLessThan(20);
    expect(heldMax).toBeLessThanOrEqual(MIB);
    expect(gate.held).toBe(0);
    expect(row()).toMatchObject({ failed: 1, lastError: { status: 413 } });
  });

  test.each<[string, number, Uint8Array<ArrayBuffer>]>([
    ['promises 4 GiB', 413, new Uint8Array([0xff, 0xff, 0xff, 0xff, 0x0f, 0x00])],
    ['promises what the limit allows and holds nothing', 400, new Uint8Array([0x80, 0x80, 0x40])],
    ['promises a byte and holds more', 400, new Uint8Array([1, ...compressSync(bodyOf('a')).subarray(1)])],
  ])('snappy that %s is %d', async (_title, status, body) => {
    const { send, gate } = setUp();
    expect((await send({ body, headers: { 'Content-Encoding': 'snappy' } })).status).toBe(status);
    expect(gate.held).toBe(0);
  });

  test('the limit is the settings’, or the protocol’s own', async () => {
    const { send, gate } = setUp();
    const body = bodyOf('x'.repeat(MIB));
    expect((await send({ body })).status).toBe(413);
    expect((await send({ body, protocol: { ...toyProtocol, bytesMax: 2 * MIB } })).status).toBe(200);
    expect((await send({ body: bodyOf('a'), protocol: { ...toyProtocol, bytesMax: 10 } })).status).toBe(413);
    expect(gate.held).toBe(0);
  });

  test('a Content-Length that lies changes nothing but an honest refusal before the first byte', async () => {
    const { send, row } = setUp();
    const body = bodyOf('a');
    expect((await send({ body, headers: { 'Content-Length': '1' } })).status).toBe(200);
    expect((await send({ body, headers: { 'Content-Length': 'many' } })).status).toBe(200);
    const before = row()?.bytes;
    expect((await send({ body, headers: { 'Content-Length': '9999999999' } })).status).toBe(413);
    expect(row()?.bytes).toBe(before);
  });

  test('where too many bodies are in memory at once the next is told to come again, and then is welcome', async () => {
    const { send, gate, stored } = setUp();
    gate.take(GATE_BYTES_MAX - 5);
    const refused = await send({ body: bodyOf('a') });
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([503, '1']);
    expect(gate.held).toBe(GATE_BYTES_MAX - 5);
    gate.release(GATE_BYTES_MAX - 5);
    expect((await send({ body: bodyOf('a') })).status).toBe(200);
    expect(stored).toEqual(['a']);
  });

  test('another encoding and what is no JSON are the sender’s faults', async () => {
    const { send } = setUp();
    expect((await send({ body: 'x', headers: { 'Content-Encoding': 'br' } })).status).toBe(415);
    expect((await send({ body: 'x' })).status).toBe(400);
    expect((await send({ body: 'x', headers: { 'Content-Encoding': 'gzip' } })).status).toBe(400);
  });
});

describe('bodies that do not come', () => {
  test('a body that drips gives its memory back after a minute, and its sender is told to come again', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const { send, gate, stored } = setUp();
    let isCancelled = false;
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const body = new ReadableStream<Uint8Array>({
      start: (given) => {
        controller = given;
      },
      cancel: () => {
        isCancelled = true;
      },
    });
    const answer = send({ body });
    for (let second = 0; second < 59; second += 1) {
      controller?.enqueue(new Uint8Array([0x20]));
      await vi.advanceTimersByTimeAsync(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(gate.held).toBeGreaterThan(30);
    await vi.advanceTimersByTimeAsync(1001);
    const { status, headers } = await answer;
    expect([status, headers.get('Retry-After')]).toEqual([503, '1']);
    expect([gate.held, stored.length]).toEqual([0, 0]);
    expect(isCancelled).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('of a client that leaves in the middle nothing is stored or held, and its row says so', async () => {
    const { send, gate, stored, row, context } = setUp();
    const start = new TextEncoder().encode(bodyOf('a').slice(0, 10));
    let pulls = 0;
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (pulls++ === 0) return controller.enqueue(start);
        await new Promise((resolve) => setTimeout(resolve, 5));
        controller.error(new Error('aborted'));
      },
    });
    expect((await send({ body })).status).toBe(400);
    expect([gate.held, stored.length]).toEqual([0, 0]);
    expect(row()).toMatchObject({
      requests: 1,
      failed: 1,
      bytes: 10,
      lastError: { says: 'the body broke off: aborted' },
    });
    expect(context.ingestTotals.failed).toBe(0);
  });
});

describe('a server that cannot take it', () => {
  test('a store that is away is 503 with the time to come back, and the request is counted as failed', async () => {
    const { send, state, gate, row, context } = setUp();
    state.failure = new AppError('storage-unavailable', 'the history is away', { retryAfterS: 5 });
    const { status, headers, answer } = await send({ body: bodyOf('a') });
    expect([status, headers.get('Retry-After'), answer.code]).toEqual([503, '5', 'storage-unavailable']);
    expect(gate.held).toBe(0);
    expect(row()).toMatchObject({ failed: 1, accepted: 0 });
    expect(context.ingestTotals.failed).toBe(1);
  });

  test('an error that nobody expected is 500, and its text stays inside', async () => {
    const { send, state, gate } = setUp();
    state.failure = new Error('secret');
    const { status, answer } = await send({ body: bodyOf('a') });
    expect([status, JSON.stringify(answer).includes('secret')]).toEqual([500, false]);
    expect(gate.held).toBe(0);
  });

  test('an address that has sent more than it may is 429 before its body is read', async () => {
    const { send, row, context } = setUp({ perSecondMax: 1 });
    await send({ body: bodyOf('a', 'b', 'c', 'd') });
    let isRead = false;
    const pieces = (function* () {
      isRead = true;
      yield new Uint8Array(1);
    })();
    const { status, headers } = await send({ body: streamOf(pieces) });
    expect([status, isRead]).toEqual([429, false]);
    expect(Number(headers.get('Retry-After'))).toBeGreaterThan(0);
    expect(row()).toMatchObject({ requests: 2, limited: 1, failed: 0 });
    expect(context.ingestTotals.limited).toBe(1);
  });
});

describe('what comes again', () => {
  const key = { 'Idempotency-Key': 'k' };

  test('under the same Idempotency-Key it is stored once, and other events under that key are refused', async () => {
    const { send, stored } = setUp();
    const first = await send({ body: bodyOf('a'), headers: key });
    expect(await send({ body: bodyOf('a'), headers: key })).toMatchObject({ status: 200, answer: first.answer });
    expect((await send({ body: bodyOf('b'), headers: key })).status).toBe(422);
    expect((await send({ body: bodyOf('b'), headers: { 'Idempotency-Key': 'k'.repeat(201) } })).status).toBe(400);
    expect(stored).toEqual(['a']);
  });

  test('without a key it is stored again', async () => {
    const { send, stored } = setUp();
    await send({ body: bodyOf('a') });
    await send({ body: bodyOf('a') });
    expect(stored).toEqual(['a', 'a']);
  });

  test.each<[string, NonNullable<HttpProtocol['isRepeatable']>]>([
    ['carry their times', true],
    ['it finds to be repeatable', (body) => body.length > 0],
  ])('bodies of a protocol that %s are stored once for each path and query', async (_title, isRepeatable) => {
    const { send, stored } = setUp();
    const protocol = { ...toyProtocol, isRepeatable };
    const body = '[{"kind":"log","message":"a","time":"2026-01-01T00:00:00Z"}]';
    for (const path of ['/toy', '/toy', '/toy?a=1', '/other', '/other']) await send({ body, path, protocol });
    expect(stored).toEqual(['a', 'a', 'a']);
    await send({ body: body.replace('"a"', '"b"'), protocol });
    expect(stored).toHaveLength(4);
  });

  test('a body that cannot be told apart is stored again', async () => {
    const { send, stored } = setUp();
    const protocol = { ...toyProtocol, isRepeatable: () => false };
    await send({ body: bodyOf('a'), protocol });
    await send({ body: bodyOf('a'), protocol });
    expect(stored).toEqual(['a', 'a']);
  });

  test('after a failure in its middle it is completed, not doubled', async () => {
    const { send, stored, state } = setUp();
    const messages = Array.from({ length: 2500 }, (_, index) => `m${index}`);
    const protocol: HttpProtocol = {
      ...toyProtocol,
      *read(body, head) {
        let count = 0;
        for (const item of toyProtocol.read(body, head)) {
          if (count++ === 1500) state.failure = new AppError('storage-unavailable', 'away', { retryAfterS: 1 });
          yield item;
        }
      },
    };
    expect((await send({ body: bodyOf(...messages), headers: key, protocol })).status).toBe(503);
    expect(stored.length).toBe(1000);
    state.failure = undefined;
    expect(await send({ body: bodyOf(...messages), headers: key })).toMatchObject({ answer: { accepted: 2500 } });
    expect(stored).toEqual(messages);
  });
});

test('a protocol that fails in its own code is 500, and leaves nothing behind', async () => {
  const { send, gate } = setUp();
  const broken = (): never => {
    throw new TypeError('undefined is not a function');
  };
  expect((await send({ body: bodyOf('a'), protocol: { ...toyProtocol, read: broken } })).status).toBe(500);
  expect((await send({ body: bodyOf('a'), protocol: { ...toyProtocol, answer: broken } })).status).toBe(500);
  expect(gate.held).toBe(0);
});

test('a hundred requests at once, of which some fail in every way, leave the gate empty and every one counted', async () => {
  const { send, gate, row } = setUp();
  const kinds: RequestInit[] = [
    { body: bodyOf('a') },
    { body: 'no json' },
    { body: 'x', headers: { 'Content-Encoding': 'gzip' } },
    { body: bodyOf('x'.repeat(MIB)) },
    { body: bodyOf('a'), headers: { 'Content-Encoding': 'br' } },
  ];
  const answers = await Promise.all(Array.from({ length: 100 }, (_, index) => send(kinds[index % kinds.length])));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 400, 413, 415]));
  expect(gate.held).toBe(0);
  expect(row()).toMatchObject({ requests: 100, accepted: 20, failed: 80 });
});
