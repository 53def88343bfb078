import { connect } from 'node:http2';
import {
  type MethodDefinition,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { NamedAppends } from '@/lib/ingest/named-appends.ts';
import { makeAccess } from '../testing/make-access.ts';
import { receptionContext } from '../testing/reception-context.ts';
import { guardCalls } from './grpc-guard.ts';

const EXPORT = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';
const HEALTH = '/grpc.health.v1.Health/Check';
const [OK, RESOURCE_EXHAUSTED, UNAUTHENTICATED] = [0, 8, 16];

async function setUp() {
  const sink = new NamedAppends({ append: async () => ({ firstSeq: 1, lastSeq: 1 }), receipts: async () => [] });
  const context = { ...receptionContext(sink), access: makeAccess({ TAILRACE_ACCESS: 'closed' }) };
  const server = new Server({ interceptors: [guardCalls({ ...context, onError: () => undefined })] });
  const same = (bytes: Buffer): Buffer => bytes;
  for (const path of [EXPORT, HEALTH]) {
    const method: MethodDefinition<Buffer, Buffer> = {
      ...{ path, requestStream: false, responseStream: false, requestSerialize: same, requestDeserialize: same },
      ...{ responseSerialize: same, responseDeserialize: same },
    };
    const handle = (_call: ServerUnaryCall<Buffer, Buffer>, done: sendUnaryData<Buffer>): void =>
      done(null, Buffer.alloc(0));
    server.addService({ Call: method }, { Call: handle });
  }
  const port = await new Promise<number>((resolve, reject) => {
    const done = (error: Error | null, bound: number): void => (error ? reject(error) : resolve(bound));
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), done);
  });
  const session = connect(`http://127.0.0.1:${port}`).on('error', () => undefined);
  const told: number[] = [];
  /** @param message absent: one that never comes whole */
  const call = (path: string, message?: Buffer): void => {
    const stream = session.request({
      ':method': 'POST',
      ':path': path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    const note = (headers: Record<string, unknown>): void => {
      if (headers['grpc-status'] !== undefined) told.push(Number(headers['grpc-status']));
    };
    stream
      .on('response', note)
      .on('trailers', note)
      .on('error', () => undefined)
      .resume();
    if (message) stream.end(message);
    else stream.write(Buffer.from([0, 0, 0x3d, 0x09, 0, 1, 2, 3]));
  };
  const close = (): void => {
    session.destroy();
    server.forceShutdown();
  };
  return { call, told, close, row: () => context.senders.rows()[0] };
}

test('whoever may not send is told before the message is there, and counted', async () => {
  const { call, told, close, row } = await setUp();
  call(EXPORT);
  await expect.poll(() => told).toEqual([UNAUTHENTICATED]);
  expect(row()).toMatchObject({ protocol: 'otlp-grpc', requests: 1, failed: 1 });
  close();
});

test('strangers have so many calls of which the message has not come, and those that have sent it do not count', async () => {
  const { call, told, close } = await setUp();
  for (let n = 0; n < 70; n += 1) call(HEALTH, Buffer.from([0, 0, 0, 0, 0]));
  await expect.poll(() => told.filter((status) => status === OK).length).toBeGreaterThan(60);
  await expect.poll(() => told.length).toBe(70);
  told.length = 0;
  for (let n = 0; n < 70; n += 1) call(HEALTH);
  await expect.poll(() => told.length).toBe(6);
  expect(new Set(told)).toEqual(new Set([RESOURCE_EXHAUSTED]));
  close();
});
