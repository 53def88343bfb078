import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { dropsIn, kernelDrops } from './kernel-drops.ts';

const TABLE = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  351: 00000000:158A 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 2711 2 000000003f28 17
  352: 0100007F:0035 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 2712 2 000000003f29 4
  353: 0100007F:158A 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 2713 2 000000003f2a 2`;

test('the drops of every socket at a port are added up', () => {
  expect([dropsIn(TABLE, 5514), dropsIn(TABLE, 53), dropsIn(TABLE, 54)]).toEqual([19, 4, undefined]);
});

test('a socket that is not read loses datagrams, and the kernel tells how many', async () => {
  const socket = createSocket({ type: 'udp4', recvBufferSize: 4096 });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  expect(await kernelDrops(port)).toBe(0);
  const sender = createSocket('udp4');
  // No turn of the event loop in between: nothing is read meanwhile.
  const sent = Array.from(
    { length: 200 },
    () => new Promise((resolve) => sender.send(Buffer.alloc(1000), port, '127.0.0.1', resolve)),
  );
  await Promise.all(sent);
  expect(await kernelDrops(port)).toBeGreaterThan(0);
  sender.close();
  socket.close();
});
