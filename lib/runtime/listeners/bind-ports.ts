import { lookup } from 'node:dns/promises';
import type { TcpDoor } from './tcp-door.ts';
import type { UdpDoor } from './udp-door.ts';

/** A free port of TCP may be taken in UDP: then another is tried, so often. */
const TRIES_MAX = 20;

/** Binds one port for both; 0 takes one that is free in both. */
export async function bindPorts(tcp: TcpDoor, udp: UdpDoor, port: number, host: string): Promise<number> {
  const { address, family } = await lookup(host);
  for (let tries = 1; ; tries += 1) {
    // UDP first: a door that listens has to be closed again when the other cannot, and UDP has nobody to say goodbye to.
    const bound = await udp.listen(port, address, family === 6 ? 6 : 4);
    try {
      return await tcp.listen(bound, address);
    } catch (error) {
      await udp.close();
      if (port !== 0 || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || tries >= TRIES_MAX) throw error;
    }
  }
}
