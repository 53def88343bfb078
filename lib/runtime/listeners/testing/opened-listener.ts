import { createSocket } from 'node:dgram';
import { afterEach, expect } from 'vitest';
import { type Listener, type ListenerPolicy, OPEN_POLICY, type OpenListener } from '../listener.ts';
import { type Listening, listening } from './listening.ts';

/** The listener that each test of a file opens, and which is closed after it: whatever happened, nothing is held then. */
export function openedListener(openListener: OpenListener) {
  let opened: { runtime: Listening; listener: Listener } | undefined;

  async function open(policy: Partial<ListenerPolicy> = {}, perSecondMax?: number) {
    const runtime = listening(perSecondMax);
    const listener = await openListener(runtime, 0, { ...OPEN_POLICY, ...policy });
    opened = { runtime, listener };
    return { ...opened, journal: runtime.journal, port: listener.port };
  }

  async function close(): Promise<void> {
    if (!opened) return;
    const { runtime, listener } = opened;
    opened = undefined;
    await listener.close();
    expect(runtime.ledger.leaks).toEqual([]);
    expect(runtime.ledger.heldTotal).toBe(0);
  }

  afterEach(close);
  return { open, close };
}

export async function sendUdp(port: number, datagrams: readonly (string | Buffer)[]): Promise<void> {
  const socket = createSocket('udp4');
  for (const datagram of datagrams) {
    await new Promise((resolve) => socket.send(datagram, port, '127.0.0.1', resolve));
  }
  socket.close();
}
