import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isAppError } from '@/lib/core/errors.ts';
import { ResourceLedger } from '@/lib/core/ledger.ts';
import { prepareEvent } from '@/lib/core/prepared-event.ts';
import { ForwardIngest } from '@/lib/runtime/gateway/forward-ingest.ts';
import { ForwardSink } from '@/lib/runtime/gateway/forward-sink.ts';
import { EventFactory, toNdjson } from './support/events.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { post } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { freePort } from './support/server-process.ts';
import { until } from './support/wait.ts';

let server: InProcessServer;
const ledger = new ResourceLedger(Date.now);
const doors: { close(): void }[] = [];
beforeAll(async () => {
  server = await startInProcess('socket', { TAILRACE_INGEST_JSON_BYTES: '20000' });
});
afterAll(async () => {
  for (const door of doors) door.close();
  await server.close();
  await until('everything to be let go', () => ledger.heldTotal === 0);
});

/** The gateway's door for `POST /api/events`, alone. */
async function open(upstream: string | undefined): Promise<{ url: string; forward: ForwardIngest }> {
  const forward = new ForwardIngest(upstream, ledger);
  const http = createServer((req, res) => forward.handle(req, res)).listen(0, '127.0.0.1');
  await once(http, 'listening');
  doors.push({ close: () => [forward.close(), http.closeAllConnections(), http.close()] });
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, forward };
}

const headSeq = (): number => server.runtime.journal.headSeq;
const failureOf = async (promise: Promise<unknown>) => {
  const error = await promise.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!isAppError(error)) throw new Error(`expected an AppError, got ${String(error)}`);
  return error;
};

test('what is posted to the gateway is answered as the server answers it: bodies, keys, gzip, errors', async () => {
  const { url } = await open(server.url);
  const events = new EventFactory(new Random(61), 'fwd-').many(30);
  const before = headSeq();
  const first = await post(url, events, { key: 'forwarded' });
  expect([first.status, first.answer.accepted, headSeq()]).toEqual([200, 30, before + 30]);
  const again = await post(url, events, { key: 'forwarded' });
  expect([again.answer, headSeq()]).toEqual([first.answer, before + 30]);
  expect((await post(url, events.slice(1), { key: 'forwarded' })).answer.code).toBe('idempotency-mismatch');
  const zipped = await fetch(`${url}/api/events`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/x-ndjson', 'Content-Encoding': 'gzip' },
    body: gzipSync(toNdjson(events)),
  });
  expect([zipped.status, headSeq()]).toEqual([200, before + 60]);
  expect((await post(url, [{ kind: 'nonsense' }])).status).toBe(400);
  expect((await post(url, 'x', { type: 'text/html' })).status).toBe(415);
  const large = JSON.stringify([{ message: 'x'.repeat(30_000) }]);
  expect((await post(url, large, { type: 'application/json' })).answer.code).toBe('body-too-large');
});

test('a body without an end is handed on as it comes, and its break too', async () => {
  const { url } = await open(server.url);
  const before = headSeq();
  const socket = connect(Number(new URL(url).port), '127.0.0.1').on('error', () => undefined);
  const head =
    'POST /api/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n';
  const line = '{"message":"one line"}\n';
  const chunk = `${line.length.toString(16)}\r\n${line}\r\n`;
  socket.write(head + chunk);
  await until('the first line', () => headSeq() === before + 1);
  socket.write(chunk);
  await until('the second line', () => headSeq() === before + 2);
  expect(ledger.held('listener')).toBe(1);
  socket.destroy();
  await until('the end of it', () => ledger.held('listener') === 0);
});

test('without an address of the server, and while that is away, senders are told what to do', async () => {
  const none = await open(undefined);
  const refused = await post(none.url, [{ message: 'm' }]);
  expect([refused.status, refused.answer.code]).toEqual([503, 'storage-unavailable']);
  expect(JSON.stringify(refused.answer)).toContain('TAILRACE_UPSTREAM');
  const away = await open(`http://127.0.0.1:${await freePort()}`);
  const lost = await post(away.url, [{ message: 'm' }]);
  expect([lost.status, lost.headers.get('retry-after')]).toEqual([503, '5']);
  expect(away.forward.counts).toEqual({ requests: 1, failed: 1 });
});

test('what other protocols take in goes the same way, keeps its bytes, and is stored once under its name', async () => {
  const { journal } = server.runtime;
  const sink = new ForwardSink(server.url, journal);
  const inputs = [
    { message: 'plain', level: 'warn', service: 'gw', attributes: { a: [1, { b: null }], __proto__x: 'ü🚰' } },
    { message: 'bell\u0007 and \u2028', time: '2001-01-01T00:00:00Z', pid: 7 },
    { kind: 'metric', name: 'depth', value: 1.5, unit: 'By', type: 'counter', service: 'gw' },
    { message: 'from tomorrow', time: Date.now() + 7_200_000 },
  ];
  const events = inputs.flatMap((input) => {
    const prepared = prepareEvent(input, Date.now());
    return prepared.ok ? [prepared.event] : [];
  });
  expect(events).toHaveLength(inputs.length);
  const name = { key: `publish#${'0'.repeat(250)}`, digest: 'd' };
  const placed = await sink.append(events, name);
  expect(placed).toEqual({ firstSeq: headSeq() - 3, lastSeq: headSeq() });
  expect(await sink.append(events, name)).toEqual(placed);
  const without = (body: string): unknown => ({ ...(JSON.parse(body) as object), flags: undefined });
  for (const [index, { body }] of events.entries()) {
    const stored = journal.ring.get(placed.firstSeq + index)?.body ?? '';
    if (body.includes('control-characters')) expect(without(stored)).toEqual(without(body));
    else expect(stored).toBe(body);
  }
});

test('what belongs together stands in its order, and behind a failure nothing more of it is sent', async () => {
  const { journal } = server.runtime;
  const sink = new ForwardSink(server.url, journal);
  const prepared = Array.from({ length: 20 }, (_, n) => prepareEvent({ message: `in order ${n}` }, Date.now()));
  const events = prepared.flatMap((each) => (each.ok ? [each.event] : []));
  const chain = {};
  const placed = await Promise.all(events.map((event) => sink.append([event], undefined, chain)));
  const seqs = placed.map(({ firstSeq }) => firstSeq);
  expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  const before = headSeq();
  const [bad] = events.map((event) => ({ ...event, body: '{"message":""' }));
  if (!bad) throw new Error('expected an event');
  const outcomes = await Promise.allSettled(
    [...events.slice(0, 3), bad, ...events].map((event) => sink.append([event], undefined, chain)),
  );
  expect(outcomes.map(({ status }) => status).slice(0, 5)).toEqual([
    ...['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected'],
  ]);
  expect(headSeq()).toBe(before + 3);
});

test('its failures are those of a journal', async () => {
  const [event] = [prepareEvent({ message: 'm' }, Date.now())].flatMap((one) => (one.ok ? [one.event] : []));
  if (!event) throw new Error('expected an event');
  const { journal } = server.runtime;
  expect((await failureOf(new ForwardSink(undefined, journal).append([event]))).message).toContain('TAILRACE_UPSTREAM');
  const away = new ForwardSink(`http://127.0.0.1:${await freePort()}`, journal);
  expect((await failureOf(away.append([event]))).code).toBe('storage-unavailable');
  const sink = new ForwardSink(`${server.url}/`, journal);
  const name = { key: 'twice', digest: 'd' };
  await sink.append([event], name);
  const other = await failureOf(sink.append([{ ...event, body: event.body.replace('"m"', '"n"') }], name));
  expect(other.code).toBe('idempotency-mismatch');
  const elsewhere = new ForwardSink(server.url, { epoch: 'ZZZZZZZZ', refresh: () => Promise.resolve() });
  expect((await failureOf(elsewhere.append([event]))).message).toContain('another journal');
});
