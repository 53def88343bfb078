import { constants } from 'node:http2';
import {
  Client,
  credentials,
  type MethodDefinition,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { http2StreamOf } from './http2-stream-of.ts';

const same = (bytes: Buffer): Buffer => bytes;
const METHOD: MethodDefinition<Buffer, Buffer> = {
  ...{ path: '/test.Test/Watch', requestStream: false, responseStream: true },
  ...{ requestSerialize: same, requestDeserialize: same, responseSerialize: same, responseDeserialize: same },
};
const wrap: ServerInterceptor = (_method, call) => new ServerInterceptingCall(call);

test.each([0, 1, 2])('a call behind %i interceptors can be broken off by what it writes to', async (count) => {
  const server = new Server({ interceptors: Array.from({ length: count }, () => wrap) });
  server.addService(
    { Watch: METHOD },
    {
      Watch: (call: ServerWritableStream<Buffer, Buffer>) =>
        call.write(Buffer.from('first'), () => http2StreamOf(call)?.close(constants.NGHTTP2_INTERNAL_ERROR)),
    },
  );
  const port = await new Promise<number>((resolve, reject) => {
    const done = (error: Error | null, bound: number): void => (error ? reject(error) : resolve(bound));
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), done);
  });
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const call = client.makeServerStreamRequest(METHOD.path, same, same, Buffer.from('x'));
  const code = await new Promise((resolve) => {
    call.on('data', () => undefined);
    call.on('error', (error: Error & { code?: number }) => resolve(error.code));
    call.on('end', () => resolve('its end'));
  });
  expect(code).toBeTypeOf('number');
  client.close();
  server.forceShutdown();
});
