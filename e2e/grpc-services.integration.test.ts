import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { type Client, credentials, loadPackageDefinition, type ServiceError, status } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { protoPath as healthProto } from 'grpc-health-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

const SETTINGS = { TAILRACE_GRPC_PORT: '0', TAILRACE_DRAIN_MS: '0' };
let server: InProcessServer;
beforeAll(async () => {
  server = await startInProcess('socket', SETTINGS);
});
afterAll(() => server.close());

test.each(['v1', 'v1alpha'])('reflection (%s) lists the services and hands out the contract', async (version) => {
  const folder = join(dirname(dirname(healthProto)), '../../../@grpc/reflection/build/proto/grpc/reflection', version);
  const path = ['grpc', 'reflection', version, 'ServerReflection'];
  const stub = stubOf<{ ServerReflectionInfo(): Stream }>(
    join(folder, 'reflection.proto'),
    path,
    server.gateway.grpcPort,
  );
  const call = stub.ServerReflectionInfo();
  const answers: Fields[] = [];
  call.on('data', (answer) => answers.push(answer)).on('error', () => undefined);
  call.write({ listServices: '*' });
  call.write({ fileContainingSymbol: 'tailrace.v1.Tailrace' });
  await until('two answers', () => answers.length === 2);
  const [list, found] = answers as [Fields, Fields];
  const listed = (list['listServicesResponse'] as { service: { name: string }[] }).service;
  expect(listed.map(({ name }) => name).sort()).toEqual(['grpc.health.v1.Health', 'tailrace.v1.Tailrace']);
  const files = (found['fileDescriptorResponse'] as { fileDescriptorProto: Buffer[] }).fileDescriptorProto;
  const text = Buffer.concat(files).toString('latin1');
  for (const name of ['Subscribe', 'PublishBatch', 'attributes_json']) expect(text).toContain(name);
  call.end();
  stub.close();
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
