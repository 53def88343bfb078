import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import {
  type Client,
  credentials,
  loadPackageDefinition,
  makeGenericClientConstructor,
  type ServiceDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { loadFileDescriptorSetFromBuffer, loadSync } from '@grpc/proto-loader';
import { protoPath as healthProto } from 'grpc-health-check';
import protobuf from 'protobufjs/minimal.js';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { toProto } from '@/lib/ingest/otlp/testing/encode-otlp.ts';
import {
  anyValue,
  keyValues,
  logsRequest,
  metricsRequest,
  tracesRequest,
} from '@/lib/ingest/otlp/testing/otlp-requests.ts';
import { DELIMITED, field } from '@/lib/ingest/proto-reader.ts';
import { openGrpc } from '@/lib/runtime/gateway/grpc-server.ts';
import { createLogger } from '@/lib/runtime/logger.ts';
import { GrpcClient, grpcStub } from './conformance/clients/grpc-client.ts';
import { type InProcessServer, repoRoot, startInProcess } from './support/in-process-server.ts';
import { until } from './support/wait.ts';

type Fields = Record<string, unknown>;
type Stream = {
  write(request: Fields): void;
  end(): void;
  on(name: string, listener: (answer: Fields) => void): Stream;
};
type ClientOf<Methods> = new (address: string, creds: unknown) => Client & Methods;

/** A client of somebody else's contract. */
function stubOf<Methods>(proto: string, path: readonly string[], port: number | undefined): Client & Methods {
  let at: unknown = loadPackageDefinition(
    loadSync(proto, { longs: String, enums: String, defaults: true, oneofs: true }),
  );
  for (const name of path) at = (at as Fields)[name];
  return new (at as ClientOf<Methods>)(`127.0.0.1:${port}`, credentials.createInsecure());
}

/** Asks by reflection, each question once. */
async function reflect(version: string, questions: readonly Fields[]): Promise<Fields[]> {
  const folder = join(dirname(dirname(healthProto)), '../../../@grpc/reflection/build/proto/grpc/reflection', version);
  const stub = stubOf<{ ServerReflectionInfo(): Stream }>(
    join(folder, 'reflection.proto'),
    ['grpc', 'reflection', version, 'ServerReflection'],
    server.gateway.grpcPort,
  );
  const call = stub.ServerReflectionInfo();
  const answers: Fields[] = [];
  call.on('data', (answer) => answers.push(answer)).on('error', () => undefined);
  for (const question of questions) call.write(question);
  await until('the answers', () => answers.length === questions.length);
  call.end();
  stub.close();
  return answers;
}

const filesIn = (answer: Fields): Buffer[] =>
  (answer['fileDescriptorResponse'] as { fileDescriptorProto: Buffer[] }).fileDescriptorProto;

/** google.protobuf.FileDescriptorSet */
function fileSet(files: readonly Buffer[]): Buffer {
  const writer = protobuf.Writer.create();
  for (const file of files) writer.uint32(field(1, DELIMITED)).bytes(file);
  return Buffer.from(writer.finish());
}

const SETTINGS = { TAILRACE_GRPC_PORT: '0', TAILRACE_DRAIN_MS: '0' };
let server: InProcessServer;
beforeAll(async () => {
  server = await startInProcess('socket', SETTINGS);
});
afterAll(() => server.close());

test.each(['v1', 'v1alpha'])('reflection (%s) lists the services and hands out the contract', async (version) => {
  const [list = {}, found = {}] = await reflect(version, [
    { listServices: '*' },
    { fileContainingSymbol: 'tailrace.v1.Tailrace' },
  ]);
  const listed = (list['listServicesResponse'] as { service: { name: string }[] }).service;
  expect(listed.map(({ name }) => name).sort()).toEqual([
    'grpc.health.v1.Health',
    'opentelemetry.proto.collector.logs.v1.LogsService',
    'opentelemetry.proto.collector.metrics.v1.MetricsService',
    'opentelemetry.proto.collector.trace.v1.TraceService',
    'tailrace.v1.Tailrace',
  ]);
  const text = Buffer.concat(filesIn(found)).toString('latin1');
  for (const name of ['Subscribe', 'PublishBatch', 'attributes_json']) expect(text).toContain(name);
});

const [log, span] = [
  {
    ...{ timeUnixNano: '1', observedTimeUnixNano: '2', severityNumber: 9, severityText: 'INFO', flags: 1 },
    ...{ body: anyValue({ a: ['by reflection', 1, 1.5, true] }), attributes: keyValues({ k: 'v' }) },
    ...{ droppedAttributesCount: 3, traceId: 'aa'.repeat(16), spanId: 'bb'.repeat(8), eventName: 'e' },
  },
  {
    ...{ traceId: 'aa'.repeat(16), spanId: 'bb'.repeat(8), parentSpanId: 'cc'.repeat(8), traceState: 's', name: 'n' },
    ...{ kind: 2, startTimeUnixNano: '1', endTimeUnixNano: '2', attributes: keyValues({ k: 'v' }), flags: 1 },
    ...{ events: [{ timeUnixNano: '1', name: 'e', attributes: keyValues({ k: 1 }) }], droppedEventsCount: 1 },
    ...{ links: [{ traceId: 'aa'.repeat(16), spanId: 'bb'.repeat(8) }], droppedLinksCount: 1 },
    ...{ status: { code: 2, message: 'm' }, droppedAttributesCount: 1 },
  },
];
const at = { startTimeUnixNano: '1', timeUnixNano: '2', attributes: keyValues({ k: 'v' }), flags: 1 };
const buckets = { offset: -3, bucketCounts: ['1', '2'] };
const total = { count: '3', sum: 0, min: 0, max: 5 };
const metrics = [
  { name: 'g', description: 'd', unit: 'By', gauge: { dataPoints: [{ ...at, asDouble: 1.5 }] } },
  { name: 's', sum: { dataPoints: [{ ...at, asInt: '-5' }], aggregationTemporality: 2, isMonotonic: true } },
  {
    name: 'h',
    histogram: {
      dataPoints: [{ ...at, ...total, bucketCounts: ['1', '2'], explicitBounds: [0.5] }],
      aggregationTemporality: 1,
    },
  },
  {
    name: 'e',
    exponentialHistogram: {
      dataPoints: [
        { ...at, ...total, scale: -2, zeroCount: '1', positive: buckets, negative: buckets, zeroThreshold: 1 },
      ],
      aggregationTemporality: 1,
    },
  },
  {
    name: 'q',
    summary: { dataPoints: [{ ...at, count: '3', sum: 9, quantileValues: [{ quantile: 0.5, value: 2 }] }] },
  },
];

/** Each with every field that a request may have. */
const OTLP = [
  ['logs', 'logs', 'Logs', logsRequest([log], undefined, { name: 's', version: '1' })],
  ['metrics', 'metrics', 'Metrics', metricsRequest(metrics)],
  ['traces', 'trace', 'Trace', tracesRequest([span])],
] as const;

test.each(OTLP)('who only knows what reflection tells of OTLP can send %s', async (signal, part, name, request) => {
  const service = `opentelemetry.proto.collector.${part}.v1.${name}Service`;
  const [found = {}] = await reflect('v1', [{ fileContainingSymbol: service }]);
  const definition = loadFileDescriptorSetFromBuffer(fileSet(filesIn(found)), { longs: String, enums: String });
  const { Export } = definition[service] as ServiceDefinition;
  if (!Export) throw new Error('expected a method Export');
  // By a table of the fields that was written apart from this one: whatever either does not know would be gone.
  const bytes = toProto(signal, request);
  const message = Export.requestDeserialize(bytes);
  expect(Export.requestSerialize(message)).toEqual(bytes);
  const Stub = makeGenericClientConstructor({ Export }, service);
  const client = new Stub(`127.0.0.1:${server.gateway.grpcPort}`, credentials.createInsecure());
  const answer = await new Promise((resolve, reject) => {
    client['Export']?.(message, (error: ServiceError | null, got: unknown) => (error ? reject(error) : resolve(got)));
  });
  client.close();
  expect(answer).toEqual({});
});

test('health says serving, and not serving from the beginning of a drain, to who asks and to who watches', async () => {
  const own = await startInProcess('socket', SETTINGS);
  type Health = {
    Check(request: Fields, answer: (error: ServiceError | null, response: Fields) => void): void;
    Watch(request: Fields): Stream;
  };
  const stub = stubOf<Health>(healthProto, ['grpc', 'health', 'v1', 'Health'], own.gateway.grpcPort);
  const check = (service: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      stub.Check({ service }, (error, response) => (error ? reject(error) : resolve(response['status'])));
    });
  expect(await check('')).toBe('SERVING');
  expect(await check('tailrace.v1.Tailrace')).toBe('SERVING');
  expect(await check('opentelemetry.proto.collector.logs.v1.LogsService')).toBe('SERVING');
  await expect(check('other')).rejects.toMatchObject({ code: status.NOT_FOUND });
  const watched: unknown[] = [];
  const watch = stub.Watch({ service: '' });
  watch.on('data', (answer) => watched.push(answer['status'])).on('error', () => undefined);
  await until('the first answer', () => watched.length === 1);
  await own.runtime.hub.drain(0);
  await until('the second answer', () => watched.length === 2);
  expect(watched).toEqual(['SERVING', 'NOT_SERVING']);
  expect(await check('')).toBe('NOT_SERVING');
  stub.close();
  await own.close();
});

test('a port that is taken is an error when it was asked for, and done without when it was not', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as { port: number };
  const asked = startInProcess('socket', { ...SETTINGS, TAILRACE_GRPC_PORT: String(port) });
  await expect(asked).rejects.toThrow(
    `gRPC: port ${port} is in use; choose another port, or "off", with TAILRACE_GRPC_PORT`,
  );
  const lines: string[] = [];
  const log = createLogger('warn', { write: (line: string) => void lines.push(line) });
  const config = { ...server.runtime.config, grpcPort: port, isGrpcPortGiven: false };
  expect(await openGrpc({ ...server.runtime, config, log })).toBeUndefined();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(`port ${port} is in use; going on without gRPC`);
  other.close();
});

test('a server that ends, ends its Publish calls in words and leaves nothing open', async () => {
  const own = await startInProcess('socket', SETTINGS);
  const stub = grpcStub(`127.0.0.1:${own.gateway.grpcPort}`);
  const client = new GrpcClient(`http://127.0.0.1:${own.gateway.grpcPort}`);
  await client.first('live');
  const call = stub.Publish();
  let answers = 0;
  let failure: ServiceError | undefined;
  call.on('data', () => {
    answers += 1;
  });
  call.on('error', (error: ServiceError) => {
    failure = error;
  });
  call.write({ events: [{ log: { message: 'before the end' } }] });
  await until('an answer', () => answers === 1);
  await own.close();
  await until('the end', () => failure !== undefined && client.ended === 1);
  expect(failure?.code).toBe(status.UNAVAILABLE);
  expect(failure?.metadata.get('tailrace-code')).toEqual(['shutting-down']);
  expect(client.named('bye')).toMatchObject([{ reason: 'draining' }]);
  expect(own.runtime.ledger.leaks).toEqual([]);
  stub.close();
  client.close();
});

test('every message and every field of the contract is explained', () => {
  const lines = readFileSync(join(repoRoot, 'lib/wire/proto/tailrace/v1/tailrace.proto'), 'utf8').split('\n');
  const bare = lines.filter(
    (line, index) => /^\s*(rpc|repeated|\w+) .*(= \d+;|returns)/.test(line) && !/^\s*\/\//.test(lines[index - 1] ?? ''),
  );
  expect(bare.map((line) => line.trim()).filter((line) => !line.startsWith('syntax'))).toEqual([]);
});
