// The floor of gRPC: a server stream of grpc-js that writes the same bytes to everybody each 20 ms.
import { type handleServerStreamingCall, Server, ServerCredentials, type ServerWritableStream } from '@grpc/grpc-js';
import { EventTexts } from './event-texts.ts';

const texts = new EventTexts(Number(process.argv[2] ?? 1000));
const calls = new Set<ServerWritableStream<Buffer, Buffer>>();
const subscribe: handleServerStreamingCall<Buffer, Buffer> = (call) => {
  calls.add(call);
  call.on('cancelled', () => calls.delete(call));
  call.write(Buffer.from('open'));
};

const server = new Server({ 'grpc.max_concurrent_streams': 100_000 });
const bytes = (value: Buffer): Buffer => value;
server.addService(
  {
    Subscribe: {
      path: '/tailrace.v1.Tailrace/Subscribe',
      requestStream: false,
      responseStream: true,
      requestSerialize: bytes,
      requestDeserialize: bytes,
      responseSerialize: bytes,
      responseDeserialize: bytes,
    },
  },
  { Subscribe: subscribe },
);

setInterval(() => {
  const due = texts.next();
  if (due.length === 0) return;
  const message = Buffer.from(due.join('\n'));
  for (const call of calls) call.write(message);
}, 20);

server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.stdout.write(`ready: http://127.0.0.1:${port}\n`);
});
