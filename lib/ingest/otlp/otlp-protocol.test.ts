import { expect, test } from 'vitest';
import { AppError } from '@/lib/core/errors.ts';
import { IngestTally } from '../ingest-tally.ts';
import { Sender } from '../sender.ts';
import { MetricMemory } from './metric-memory.ts';
import { otlpProtocol } from './otlp-protocol.ts';
import { OTLP_SIGNALS } from './otlp-signals.ts';
import { fromProto } from './testing/encode-otlp.ts';

const protocol = otlpProtocol(OTLP_SIGNALS.metrics, new MetricMemory());

function head(contentType: string | null) {
  const header = (name: string): string | null => (name === 'content-type' ? contentType : null);
  return { method: 'POST', path: '/v1/metrics', query: new URLSearchParams(), header };
}
const PROTOBUF = head('application/x-protobuf');
const JSON_UTF8 = head('application/JSON; charset=utf-8');

function tally(rejected: number): IngestTally {
  const made = new IngestTally(new Sender({ protocol: 'otlp', address: '' }, 0), () => 0);
  for (let index = 0; index < rejected; index += 1) made.reject(1, index === 0 ? 'first wrong' : 'wrong');
  return made;
}

async function read(response: Response) {
  return { type: response.headers.get('content-type'), bytes: new Uint8Array(await response.arrayBuffer()) };
}

test('success without anything to say is an empty message in the encoding that was asked in', async () => {
  expect(await read(protocol.answer(tally(0), PROTOBUF))).toEqual({
    type: 'application/x-protobuf',
    bytes: new Uint8Array(),
  });
  const answer = protocol.answer(tally(0), JSON_UTF8);
  expect(answer.headers.get('content-type')).toBe('application/json');
  expect(await answer.json()).toEqual({});
});

test('what was rejected is counted, and each reason told once', async () => {
  const answer = protocol.answer(tally(3), PROTOBUF);
  expect(answer.status).toBe(200);
  expect(fromProto('Answer', (await read(answer)).bytes)).toEqual({
    partialSuccess: { rejected: 3, errorMessage: 'first wrong; wrong' },
  });
  expect(await protocol.answer(tally(3), JSON_UTF8).json()).toEqual({
    partialSuccess: { rejectedDataPoints: '3', errorMessage: 'first wrong; wrong' },
  });
});

test('an error is a google.rpc.Status, with the time to come back in its head', async () => {
  const error = new AppError('storage-unavailable', 'the history is away', { retryAfterS: 3 });
  const refusal = protocol.refuse(error, tally(0), PROTOBUF);
  expect([refusal.status, refusal.headers.get('retry-after')]).toEqual([503, '3']);
  expect(fromProto('RpcStatus', (await read(refusal)).bytes)).toEqual({ code: 14, message: 'the history is away' });
  expect(await protocol.refuse(error, tally(0), JSON_UTF8).json()).toEqual({
    code: 14,
    message: 'the history is away',
  });
});

test.each([
  ['unauthorized', 401, 16],
  ['forbidden', 403, 7],
  ['bad-request', 400, 3],
] as const)('%s is %d, and of the kind that gRPC has for it', async (code, status, rpcCode) => {
  const refusal = protocol.refuse(new AppError(code, 'no'), tally(0), JSON_UTF8);
  expect([refusal.status, await refusal.json()]).toEqual([status, { code: rpcCode, message: 'no' }]);
});

test('an error after something was taken says how much', async () => {
  const some = tally(0);
  some.accept({ firstSeq: 1, lastSeq: 7 });
  const { message } = await protocol.refuse(new AppError('bad-request', 'torn'), some, JSON_UTF8).json();
  expect(message).toBe('torn; 7 events before it were taken');
});

test.each(['text/plain', null])('Content-Type %s is told what would do, as JSON', async (type) => {
  expect(() => protocol.encodingOf?.(head(type))).toThrow(
    'expected Content-Type application/x-protobuf or application/json',
  );
  const refusal = protocol.refuse(new AppError('unsupported-media-type', 'no'), tally(0), head(type));
  expect([refusal.status, refusal.headers.get('content-type')]).toEqual([415, 'application/json']);
});

test('a body for another signal is told what was expected, not swallowed', () => {
  expect(() => [...protocol.read(Buffer.from('{"resourceLogs":[]}'), JSON_UTF8)]).toThrow(
    'expected {"resourceMetrics":[…]}, in lower camel case, got resourceLogs',
  );
  expect([...protocol.read(Buffer.from('{}'), JSON_UTF8)]).toEqual([]);
});
