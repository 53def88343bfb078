import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { AppError } from '@/lib/core/errors.ts';
import type { PreparedEvent } from '@/lib/core/prepared-event.ts';
import { ByteGate } from './byte-gate.ts';
import { EventIntake } from './event-intake.ts';
import { type IngestRequest, ingestBody } from './ingest-body.ts';
import { IngestTally } from './ingest-tally.ts';
import type { AppendName, EventSink, Placed } from './named-appends.ts';
import { Sender } from './sender.ts';

const NOW = Date.UTC(2026, 0, 1);
const gate = new ByteGate(20e6);
const LIMITS = { jsonBytesMax: 1e6, streamBytesMax: 1e9 };

/** A journal that remembers names, and can be slow or fail. */
class FakeSink implements EventSink {
  messages: string[] = [];
  appends: (AppendName | undefined)[] = [];
  inFlight = 0;
  inFlightMax = 0;
  keep = true;
  headSeq = 0;
  failAt = Number.POSITIVE_INFINITY;
  wait: () => Promise<void> = () => Promise.resolve();
  readonly #known = new Map<string, AppendName & Placed>();

  async append(events: readonly PreparedEvent[], name?: AppendName): Promise<Placed> {
    const index = this.appends.push(name);
    this.inFlight += 1;
    this.inFlightMax = Math.max(this.inFlightMax, this.inFlight);
    try {
      await this.wait();
      if (index >= this.failAt) throw new AppError('storage-unavailable', 'away', { retryAfterS: 2 });
      const known = name && this.#known.get(name.key);
      if (known && known.digest !== name?.digest) throw new AppError('idempotency-mismatch', 'other events');
      if (known) return known;
      const placed = { firstSeq: this.headSeq + 1, lastSeq: this.headSeq + events.length };
      this.headSeq = placed.lastSeq;
      if (this.keep) this.messages.push(...events.map((event) => JSON.parse(event.body).message));
      if (name) this.#known.set(name.key, { ...name, ...placed });
      return placed;
    } finally {
      this.inFlight -= 1;
    }
  }
}

const streamOf = (...pieces: (string | Uint8Array)[]) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(typeof piece === 'string' ? Buffer.from(piece) : piece);
      controller.close();
    },
  });

function opened(sink: FakeSink, nowMs = NOW) {
  const sender = new Sender({ protocol: 'events', address: '127.0.0.1' }, nowMs);
  const tally = new IngestTally(sender, () => nowMs);
  const open = (idempotencyKey: string | undefined, cutsLong: boolean) =>
    new EventIntake({ sink, tally, sender, now: () => nowMs, idempotencyKey, cutsLong });
  return { tally, sender, open };
}

async function ingest(sink: FakeSink, request: Partial<IngestRequest>, limits = LIMITS) {
  const { tally, sender, open } = opened(sink);
  const nothing = {
    body: null,
    contentType: 'application/x-ndjson',
    contentEncoding: null,
    contentLength: null,
    idempotencyKey: null,
    gate,
    onBytes: () => undefined,
  };
  const error = await ingestBody({ ...nothing, ...request }, limits, open).then(
    () => undefined,
    (caught: unknown) => caught as AppError,
  );
  expect(sender).toMatchObject({ accepted: tally.accepted, rejected: tally.rejected });
  return { ...tally.answer((seq) => `p.${seq}`), code: error?.code, error };
}

const lines = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => `{"message":"m${from + index}"}\n`).join('');

test('valid events are taken, invalid ones are told with their line', async () => {
  const sink = new FakeSink();
  const body = streamOf(
    '{"message":"a"}\n\n  \n{"message":5}\nnot json\n[1]\n{"message":"b"}\r\n',
    '{"mess',
    'age":"c"}',
  );
  expect(await ingest(sink, { body })).toMatchObject({
    accepted: 3,
    rejected: 3,
    first: 'p.1',
    last: 'p.3',
    code: undefined,
  });
  expect(sink.messages).toEqual(['a', 'b', 'c']);
  const again = await ingest(new FakeSink(), {
    body: streamOf('{"message":"a"}\n\n  \n{"message":5}\nnot json\n[1]\n'),
  });
  expect(again.errors.map(({ line }) => line)).toEqual([4, 5, 6]);
  expect(again.errors[1]?.error).toMatch(/not valid JSON/);
});

test('a line whose nesting would overflow the stack counts as one line', async () => {
  const deep = `{"message":"m","attributes":{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}}\n`;
  const result = await ingest(new FakeSink(), { body: streamOf(deep, 'x\n') });
  expect(result.errors.map(({ line }) => line)).toEqual([1, 2]);
  expect(result.errors[0]?.error).toMatch(/nesting/);
});

test('a line that is too long is skipped and told, the next one is read', async () => {
  const sink = new FakeSink();
  const result = await ingest(sink, { body: streamOf('{"message":"', 'x'.repeat(2.1e6), '"}\n{"message":"next"}\n') });
  expect(result).toMatchObject({ accepted: 1, rejected: 1, errors: [{ line: 1 }] });
  expect(sink.messages).toEqual(['next']);
});

test('at most 20 errors are spelled out, all are counted', async () => {
  const result = await ingest(new FakeSink(), { body: streamOf('x\n'.repeat(50)) });
  expect(result).toMatchObject({ accepted: 0, rejected: 50, first: null, last: null });
  expect(result.errors).toHaveLength(20);
});

test('JSON may be an object or an array, with a byte order mark, packed', async () => {
  const sink = new FakeSink();
  const contentType = 'application/json; charset=utf-8';
  expect(await ingest(sink, { contentType, body: streamOf('\ufeff{"message":"a"}') })).toMatchObject({ accepted: 1 });
  const packed = gzipSync('[{"message":"b"},7,{"message":"c"}]');
  const result = await ingest(sink, { contentType, contentEncoding: 'gzip', body: streamOf(packed) });
  expect(result).toMatchObject({ accepted: 2, rejected: 1, errors: [{ line: 2 }] });
  expect(sink.messages).toEqual(['a', 'b', 'c']);
});

test('JSON is whole in memory that there is room for, and gives it back however it ends', async () => {
  const contentType = 'application/json';
  const sink = new FakeSink();
  gate.take(20e6 - 10);
  expect(await ingest(sink, { body: streamOf('[{"message":"no room"}]'), contentType })).toMatchObject({
    code: 'storage-overloaded',
    accepted: 0,
  });
  gate.release(20e6 - 10);
  expect(gate.held).toBe(0);
  expect(await ingest(sink, { body: streamOf('{"message":"a"}'), contentType })).toMatchObject({ accepted: 1 });
  expect(await ingest(sink, { body: streamOf('{"message":'), contentType })).toMatchObject({ code: 'bad-request' });
  sink.failAt = 0;
  const failed = await ingest(sink, { body: streamOf('{"message":"b"}'), contentType });
  expect(failed).toMatchObject({ code: 'storage-unavailable' });
  expect(gate.held).toBe(0);
});

test('lines of text are understood, and those of a trace are one event', async () => {
  const sink = new FakeSink();
  const body = streamOf(
    '2026-01-01T00:00:00Z ERROR [main] failed\r\njava.lang.Exception: x\n\tat a.B',
    '.c(B.java:1)\n\n2026-01-01T00:00:01Z INFO n',
    'ext\nplain ',
    Uint8Array.of(0xff, 0x0a),
  );
  const result = await ingest(sink, { contentType: 'text/plain; charset=utf-8', body, service: 'shop' });
  expect(result).toMatchObject({ accepted: 2, rejected: 0 });
  expect(sink.messages).toEqual(['failed\njava.lang.Exception: x\n\tat a.B.c(B.java:1)', 'next\nplain \ufffd']);
});

test('a line of text that is too long for an event is cut, one that is too long to be held is refused', async () => {
  const sink = new FakeSink();
  const body = streamOf('x'.repeat(300_000), '\nok\n', 'y'.repeat(2.1e6), '\nlast\n');
  expect(await ingest(sink, { contentType: 'text/plain', body })).toMatchObject({ accepted: 3, rejected: 1 });
  expect(sink.messages.map(({ length }) => length)).toEqual([256 * 1024, 2, 4]);
});

test('lines that come slowly are stored while the body is still open', async () => {
  const sink = new FakeSink();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
  });
  const answer = ingest(sink, { contentType: 'text/plain', body });
  controller?.enqueue(Buffer.from('one\ntwo\n'));
  await expect.poll(() => sink.messages).toEqual(['one', 'two']);
  controller?.enqueue(Buffer.from('three'));
  controller?.close();
  expect(await answer).toMatchObject({ accepted: 3 });
});

test('with an Idempotency-Key lines of text are joined and cut by what they are, however slowly they come', async () => {
  const sink = new FakeSink();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const slowly = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
  });
  const contentType = 'text/plain';
  const answer = ingest(sink, { contentType, body: slowly, idempotencyKey: 'k' });
  controller?.enqueue(Buffer.from('Error: x\n'));
  await new Promise((resolve) => setTimeout(resolve, 250));
  controller?.enqueue(Buffer.from('    at a\n'));
  controller?.close();
  expect(await answer).toMatchObject({ accepted: 1, code: undefined });
  const again = await ingest(sink, { contentType, body: streamOf('Error: x\n    at a\n'), idempotencyKey: 'k' });
  expect(again).toMatchObject({ accepted: 1, first: 'p.1', code: undefined });
  expect(sink.messages).toEqual(['Error: x\n    at a']);
});

test.each<[string, Partial<IngestRequest>, string]>([
  ['another type', { contentType: 'text/html' }, 'unsupported-media-type'],
  ['no type', { contentType: null }, 'unsupported-media-type'],
  ['broken JSON', { contentType: 'application/json', body: streamOf('{"a"') }, 'bad-request'],
  ['a length beyond the limit', { contentType: 'application/json', contentLength: '1000001' }, 'body-too-large'],
  [
    'a body beyond the limit',
    { contentType: 'application/json', body: streamOf(`"${'x'.repeat(1e6)}"`) },
    'body-too-large',
  ],
  ['a key that is too long', { idempotencyKey: 'k'.repeat(201) }, 'bad-request'],
])('%s is refused', async (_title, request, code) => {
  const sink = new FakeSink();
  expect(await ingest(sink, request)).toMatchObject({ code, accepted: 0 });
  expect(sink.appends).toEqual([]);
});

test('a body is stored in order, with at most 4 chunks on their way', async () => {
  const sink = new FakeSink();
  sink.wait = async () => {
    for (let turn = 0; turn < 40; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const result = await ingest(sink, { body: streamOf(lines(0, 12_345)) });
  expect(result).toMatchObject({ accepted: 12_345, first: 'p.1', last: 'p.12345' });
  expect(sink.inFlightMax).toBeGreaterThan(1);
  expect(sink.inFlightMax).toBeLessThanOrEqual(4);
  expect(sink.messages.every((message, index) => message === `m${index}`)).toBe(true);
});

test('a sender is held back while the store is behind: of a long body only a few chunks are read', async () => {
  const sink = new FakeSink();
  let release = (): void => undefined;
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  sink.wait = () => gate;
  sink.keep = false;
  let produced = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (produced === 200) controller.close();
        else controller.enqueue(Buffer.from(lines(1000 * produced++, 1000)));
      },
    },
    { highWaterMark: 1 },
  );
  const done = ingest(sink, { body });
  for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(sink.inFlight).toBe(4);
  expect(produced).toBeLessThan(20);
  release();
  expect(await done).toMatchObject({ accepted: 200_000, rejected: 0 });
  expect(sink.inFlightMax).toBe(4);
});

test('when the store fails, the answer counts what was stored, also what was still on its way', async () => {
  const sink = new FakeSink();
  let calls = 0;
  sink.failAt = 3;
  sink.wait = async () => {
    // The first two are slower than the third, which fails.
    if (++calls < 3) for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  };
  const result = await ingest(sink, { body: streamOf(lines(0, 9000)) });
  expect(result).toMatchObject({ code: 'storage-unavailable', accepted: 2000, first: 'p.1', last: 'p.2000' });
  expect(sink.inFlight).toBe(0);
});

test('a body that breaks off counts what was stored before', async () => {
  const sink = new FakeSink();
  sink.wait = () => new Promise((resolve) => setImmediate(resolve));
  const result = await ingest(sink, { body: streamOf(lines(0, 5500)) }, { ...LIMITS, streamBytesMax: 90_000 });
  expect(result.code).toBe('body-too-large');
  expect(result.accepted).toBe(sink.headSeq);
});

test('a repeat with the same key stores what is missing and nothing twice', async () => {
  const sink = new FakeSink();
  const body = () => streamOf(lines(0, 3500));
  sink.failAt = 3;
  expect(await ingest(sink, { body: body(), idempotencyKey: 'k' })).toMatchObject({
    code: 'storage-unavailable',
    accepted: 2000,
  });
  sink.failAt = Number.POSITIVE_INFINITY;
  for (const repeat of [1, 2]) {
    const result = await ingest(sink, { body: body(), idempotencyKey: 'k' });
    expect(result, `repeat ${repeat}`).toMatchObject({ accepted: 3500, code: undefined, first: 'p.1', last: 'p.3500' });
    expect(sink.messages).toEqual(Array.from({ length: 3500 }, (_, index) => `m${index}`));
  }
  const other = await ingest(sink, { body: streamOf(lines(7, 3500)), idempotencyKey: 'k' });
  expect(other.code).toBe('idempotency-mismatch');
});

test('a repeat is recognised although events without a time are given another one', async () => {
  const sink = new FakeSink();
  const run = (nowMs: number) =>
    ingestBody(
      {
        body: streamOf('{"message":"a"}'),
        contentType: 'application/json',
        contentEncoding: null,
        contentLength: null,
        idempotencyKey: 'k',
        gate,
        onBytes: () => undefined,
      },
      LIMITS,
      opened(sink, nowMs).open,
    );
  await run(NOW);
  await run(NOW + 60_000);
  expect(sink.messages).toEqual(['a']);
});

test('lines that trickle in are stored while the body is still open', async () => {
  const sink = new FakeSink();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
  });
  const answer = ingest(sink, { body });
  controller?.enqueue(Buffer.from('{"message":"m0"}\n{"message":"m1"}\n'));
  await expect.poll(() => sink.messages).toEqual(['m0', 'm1']);
  controller?.enqueue(Buffer.from('{"message":"m2"}\n'));
  await expect.poll(() => sink.messages).toEqual(['m0', 'm1', 'm2']);
  controller?.close();
  expect(await answer).toMatchObject({ accepted: 3, rejected: 0, first: 'p.1', last: 'p.3' });
});

test.each<[string, Partial<IngestRequest>, number]>([
  ['with an Idempotency-Key', { idempotencyKey: 'k' }, 1],
  ['of a body that says to be short', { contentLength: '400' }, 1],
  ['of a body that says to be long', { contentLength: '100000000' }, 2],
  ['of a body that says nonsense', { contentLength: 'many' }, 2],
])('%s, however slowly they come, lines make so many chunks: %o %d', async (_title, request, chunks) => {
  const sink = new FakeSink();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
  });
  const answer = ingest(sink, { body, ...request });
  controller?.enqueue(Buffer.from(lines(0, 10)));
  await new Promise((resolve) => setTimeout(resolve, 250));
  controller?.enqueue(Buffer.from(lines(10, 10)));
  controller?.close();
  expect(await answer).toMatchObject({ accepted: 20 });
  expect(sink.appends).toHaveLength(chunks);
});
