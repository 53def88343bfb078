import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { AccessClient, CLOSED } from './support/access-client.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { until } from './support/wait.ts';

const [OK, DEADLINE_EXCEEDED, PERMISSION_DENIED, RESOURCE_EXHAUSTED, UNAUTHENTICATED] = [0, 4, 7, 8, 16];
const CALLS = [
  'tailrace.v1.Tailrace/Subscribe',
  'tailrace.v1.Tailrace/Query',
  'tailrace.v1.Tailrace/Publish',
  'tailrace.v1.Tailrace/PublishBatch',
  'opentelemetry.proto.collector.logs.v1.LogsService/Export',
  'opentelemetry.proto.collector.metrics.v1.MetricsService/Export',
  'opentelemetry.proto.collector.trace.v1.TraceService/Export',
];
const HEALTH = 'grpc.health.v1.Health/Check';

let server: InProcessServer;
let [viewer, ingest]: Readonly<Record<string, string>>[] = [];
const sessions: ClientHttp2Session[] = [];
beforeAll(async () => {
  server = await startInProcess('socket', { ...CLOSED, TAILRACE_GRPC_PORT: '0' });
  const access = new AccessClient(server.url);
  viewer = (await access.token({ role: 'viewer' })).headers;
  ingest = (await access.token({ role: 'ingest' })).headers;
});
afterEach(() => {
  for (const session of sessions.splice(0)) session.destroy();
});
afterAll(async () => {
  await server.close();
  expect(server.runtime.ledger.heldTotal).toBe(0);
});

function session(): ClientHttp2Session {
  const opened = connect(`http://127.0.0.1:${server.gateway.grpcPort}`).on('error', () => undefined);
  sessions.push(opened);
  return opened;
}

type Call = { readonly stream: ClientHttp2Stream; status: number | undefined };

/** A call of which the message never comes whole. */
function begin(on: ClientHttp2Session, path: string, headers: Readonly<Record<string, string>> = {}): Call {
  const lower = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const asked = {
    ':method': 'POST',
    ':path': `/${path}`,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...lower,
  };
  const stream = on.request(asked).on('error', () => undefined);
  const call: Call = { stream, status: undefined };
  const note = (told: Record<string, unknown>): void => {
    if (told['grpc-status'] !== undefined) call.status = Number(told['grpc-status']);
  };
  stream.on('response', note).on('trailers', note).resume();
  // Its head says 4,000,000 bytes.
  stream.write(Buffer.concat([Buffer.from([0, 0, 0x3d, 0x09, 0]), Buffer.alloc(10_000)]));
  return call;
}

test.each(CALLS)('%s: whoever may not come in is told before the message is there', async (path) => {
  const isRead = path.endsWith('Subscribe') || path.endsWith('Query');
  const unknown = begin(session(), path);
  const other = begin(session(), path, isRead ? ingest : viewer);
  await until('both to be told', () => unknown.status !== undefined && other.status !== undefined);
  expect([unknown.status, other.status]).toEqual([UNAUTHENTICATED, PERMISSION_DENIED]);
});

test('what a sender was refused before it was read stands in its row', async () => {
  const before = rows('otlp-grpc');
  const call = begin(session(), CALLS[4] ?? '');
  await until('the answer', () => call.status !== undefined);
  expect(rows('otlp-grpc')).toEqual({ requests: before.requests + 1, failed: before.failed + 1 });
});

test('strangers begin so many calls at once and no more, each for so long, and who asks in one go is answered then', async () => {
  const on = session();
  const calls = Array.from({ length: 80 }, () => begin(on, HEALTH));
  await until('those that are too many', () => calls.filter(({ status }) => status !== undefined).length === 16);
  expect(new Set(calls.map(({ status }) => status))).toEqual(new Set([RESOURCE_EXHAUSTED, undefined]));
  await until('the others to be given up', () => calls.every(({ status }) => status !== undefined), 20_000);
  expect(calls.filter(({ status }) => status === DEADLINE_EXCEEDED)).toHaveLength(64);
  const whole = begin(on, HEALTH);
  whole.stream.close();
  const stream = on.request({
    ':method': 'POST',
    ':path': `/${HEALTH}`,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  const told = new Promise<number>((resolve) =>
    stream.on('trailers', (given) => resolve(Number(given['grpc-status']))),
  );
  stream.resume().end(Buffer.from([0, 0, 0, 0, 0]));
  expect(await told).toBe(OK);
});

function rows(protocol: string): { requests: number; failed: number } {
  const [row] = server.runtime.senders.rows().filter((each) => each.protocol === protocol);
  return { requests: row?.requests ?? 0, failed: row?.failed ?? 0 };
}
