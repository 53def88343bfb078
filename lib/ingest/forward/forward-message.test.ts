import { gzipSync } from 'node:zlib';
import { ExtData, encode } from '@msgpack/msgpack';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { prepareEvent } from '@/lib/core/prepared-event.ts';
import { Refused } from '../http-protocol.ts';
import type { LogSourceEvent } from '../log-source-event.ts';
import { understandNothing } from '../understand.ts';
import { ENTRIES_BYTES_MAX, forwardEvents, inflateEntries, readForward } from './forward-message.ts';
import { decodeValue } from './msgpack-values.ts';

const AT = 1441588984;
const TIME = '2015-09-07T01:23:04.000Z';

function eventTime(seconds: number, nanoseconds: number): ExtData {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(seconds);
  bytes.writeUInt32BE(nanoseconds, 4);
  return new ExtData(0, bytes);
}

async function read(message: unknown): Promise<{ chunk: string | undefined; items: (LogSourceEvent | Refused)[] }> {
  const asked = await inflateEntries(readForward(decodeValue(encode(message))));
  return { chunk: asked.chunk, items: [...forwardEvents(asked, understandNothing)] };
}

const packed = (...entries: unknown[]): Buffer => Buffer.concat(entries.map((entry) => encode(entry)));
const one = { kind: 'log', time: TIME, service: 'app.web', message: 'one' };
const two = { kind: 'log', time: '2015-09-07T01:23:05.250Z', service: 'app.web', message: 'two' };
const entries = [
  [AT, { message: 'one' }],
  [eventTime(AT + 1, 250_000_000), { log: 'two\n' }],
];

test.each<[string, unknown, string | undefined]>([
  ['Forward', ['app.web', entries], undefined],
  ['Forward with options', ['app.web', entries, { size: 2, chunk: 'c1' }], 'c1'],
  ['PackedForward', ['app.web', packed(...entries), { size: 2, chunk: 'c2' }], 'c2'],
  ['CompressedPackedForward', ['app.web', gzipSync(packed(...entries)), { compressed: 'gzip', chunk: 'c3' }], 'c3'],
  [
    'CompressedPackedForward in two archives',
    ['app.web', Buffer.concat(entries.map((entry) => gzipSync(packed(entry)))), { compressed: 'gzip' }],
    undefined,
  ],
])('%s', async (_title, message, chunk) => {
  expect(await read(message)).toEqual({ chunk, items: [one, two] });
});

test('Message, with and without a chunk', async () => {
  expect(await read(['app.web', AT, { message: 'one' }])).toEqual({ chunk: undefined, items: [one] });
  expect(await read(['app.web', AT, { message: 'one' }, { chunk: 'c' }])).toEqual({ chunk: 'c', items: [one] });
});

test('entries that came as str are read like those in bin', async () => {
  const bytes = packed([AT, { message: 'one' }]);
  const head = Buffer.concat([encode('app.web'), Buffer.from([0xda, bytes.length >> 8, bytes.length & 0xff])]);
  const message = Buffer.concat([Buffer.from([0x92]), head, bytes]);
  expect([...forwardEvents(readForward(decodeValue(message)), understandNothing)]).toEqual([one]);
});

test.each<[string, unknown, unknown, object]>([
  [
    'metadata beside the time, as Fluent Bit 2 has it',
    [AT, { stream: 'x' }],
    { log: 'm' },
    { time: TIME, attributes: { metadata: { stream: 'x' } } },
  ],
  ['a time with a fraction', AT + 0.5, { log: 'm' }, { time: '2015-09-07T01:23:04.500Z' }],
  ['no text: the record is shown', AT, { cpu: 0.5 }, { message: '{"cpu":0.5}', attributes: { cpu: 0.5 } }],
  [
    "Docker's driver",
    AT,
    { container_name: '/web', container_id: 'i', source: 'stdout', log: 'm' },
    { service: 'web', attributes: { container_name: '/web', container_id: 'i', source: 'stdout', tag: 'app.web' } },
  ],
  [
    'a service',
    AT,
    { service: 'api', msg: 'm', level: 'WARN' },
    { service: 'api', level: 'warn', message: 'm', attributes: { tag: 'app.web' } },
  ],
  ['a container of Kubernetes', AT, { log: 'm', kubernetes: { container_name: 'k' } }, { service: 'k' }],
  ['a level that is none stays', AT, { log: 'm', level: 'odd' }, { attributes: { level: 'odd' } }],
  ['a priority of journald', AT, { MESSAGE: 'm', PRIORITY: '3' }, { level: 'error' }],
  ['a trace', AT, { log: 'm', trace_id: 't', span_id: 's' }, { traceId: 't', spanId: 's' }],
  [
    'integers that a number cannot hold',
    AT,
    { log: 'm', id: 2n ** 60n + 1n, n: 5n },
    { attributes: { id: '1152921504606846977', n: 5 } },
  ],
  ['Latin-1 in a text', AT, { log: Buffer.from('caf\xe9', 'latin1') }, { message: 'café' }],
  ['NaN', AT, { log: 'm', n: Number.NaN }, { attributes: { n: 'NaN' } }],
])('%s', async (_title, time, record, expected) => {
  const bytes = encode(['app.web', time, record], { useBigInt64: true });
  const [event] = [...forwardEvents(readForward(decodeValue(bytes)), understandNothing)];
  expect(event).toMatchObject(expected);
});

test('one entry that is broken takes none of the others with it', async () => {
  const broken = Buffer.concat([Buffer.from([0x92, 0xc0, 0x81, 0xa9]), Buffer.from('__proto__'), Buffer.from([0xc0])]);
  const { items } = await read(['app.web', Buffer.concat([packed(entries[0]), broken, encode(5), packed(entries[1])])]);
  expect(items).toEqual([one, expect.any(Refused), expect.any(Refused), two]);
});

test('entries that break off, and bytes that are no entries, are refused', async () => {
  const cut = await read(['app.web', packed(...entries).subarray(0, -3)]);
  expect(cut.items).toEqual([one, expect.any(Refused)]);
  const garbage = await read(['app.web', Buffer.concat([packed(entries[0]), Buffer.from([0xc1, 0xc1])])]);
  expect(garbage.items.at(-1)).toBeInstanceOf(Refused);
});

test('metrics of Fluent Bit are refused by their name', async () => {
  const { items } = await read(['cpu', packed([AT, {}]), { fluent_signal: 1, chunk: 'c' }]);
  expect(items).toEqual([expect.objectContaining({ says: expect.stringContaining('metrics') })]);
});

test.each<[string, unknown, string]>([
  ['no array', 71, 'bad-request'],
  ['an array of one', ['tag'], 'bad-request'],
  ['another compression', ['t', Buffer.from('x'), { compressed: 'zstd' }], 'unsupported-media-type'],
  ['broken gzip', ['t', Buffer.from('no gzip'), { compressed: 'gzip' }], 'bad-request'],
  ['a bomb', ['t', gzipSync(Buffer.alloc(ENTRIES_BYTES_MAX + 1)), { compressed: 'gzip' }], 'body-too-large'],
])('%s cannot be read', async (_title, message, code) => {
  await expect(read(message)).rejects.toMatchObject({ code });
});

test('any record is an event that passes the edge', () => {
  const key = fc.oneof(
    fc.constantFrom('message', 'log', 'level', 'service', 'container_name', 'PRIORITY', 'trace_id', 'kubernetes'),
    fc.string({ maxLength: 5 }).filter((text) => text !== '__proto__'),
  );
  const date = fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(2 ** 33 * 1000) });
  const leaf = fc.oneof(fc.jsonValue(), fc.uint8Array({ maxLength: 5 }), fc.double(), date);
  fc.assert(
    fc.property(fc.string(), fc.oneof(fc.double(), leaf), fc.dictionary(key, leaf), (tag, time, record) => {
      const packed = encode([time, record]);
      for (const item of forwardEvents(readForward([Buffer.from(tag), packed]), understandNothing)) {
        // The library takes no key "__proto__"; an entry that has one is refused, and says so.
        if (item instanceof Refused && item.says.includes('__proto__')) continue;
        expect(item instanceof Refused ? item.says : prepareEvent(item, 0)).toMatchObject({ ok: true });
      }
    }),
    { seed: 14, numRuns: 2000 },
  );
});
