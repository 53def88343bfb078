import { CLIENT_TRANSPORTS } from '@/lib/core/client-transport.ts';
import type { StreamClientOptions } from './stream-options.ts';
import { makeReaders } from './stream-readers.ts';
import { TransportPilot } from './transport-pilot.ts';

/** The pilot of a browser's stream, whose addresses are relative to the page. */
export function makePilot(
  options: StreamClientOptions,
  onSwitch: (cause: string, atOnce: boolean) => void,
): TransportPilot {
  const { fetch, openWebSocket, scheduler, transports = CLIENT_TRANSPORTS, wish, memory, seed } = options;
  return new TransportPilot({
    readers: makeReaders({ fetch, baseUrl: '', ...(openWebSocket && { openWebSocket }) }),
    fetch,
    scheduler,
    order: transports,
    wish: wish ?? (seed?.wish && { wish: seed.wish, why: seed.why }),
    storage: memory,
    seed,
    onSwitch,
  });
}
