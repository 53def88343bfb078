import { z } from 'zod';
import { CLIENT_TRANSPORTS } from '@/lib/core/client-transport.ts';
import type { StoragePort } from './connection-history.ts';
import { REST, type Rests } from './transport-choice.ts';
import { TRANSPORT_WISHES, type TransportWish } from './transport-try.ts';

const KEY = 'tailrace.transport';

const rest = z.object({ untilMs: z.number(), times: z.number().int().min(1).max(100) });
const schema = z.object({
  version: z.literal(1),
  wish: z.enum(TRANSPORT_WISHES),
  rests: z.partialRecord(z.enum(CLIENT_TRANSPORTS), rest),
});

/** What one page leaves to the next: what was chosen by hand, and what failed and until when it is left alone. */
export type TransportMemory = { readonly wish: TransportWish; readonly rests: Rests };

export function saveTransport(storage: StoragePort, { wish, rests }: TransportMemory): void {
  try {
    storage.setItem(KEY, JSON.stringify({ version: 1, wish, rests }));
  } catch {
    // Full or forbidden: the next page finds out by itself.
  }
}

/** @param nowMs a rest that ends later than any can was written under another clock, and is not believed */
export function loadTransport(storage: StoragePort, nowMs: number): TransportMemory {
  const parsed = schema.safeParse(readJson(storage));
  if (!parsed.success) return { wish: 'automatic', rests: {} };
  const { wish, rests } = parsed.data;
  const believed = Object.entries(rests).filter(([, one]) => one.untilMs <= nowMs + REST.maxMs);
  return { wish, rests: Object.fromEntries(believed) };
}

function readJson(storage: StoragePort): unknown {
  try {
    return JSON.parse(storage.getItem(KEY) ?? 'null');
  } catch {
    return null;
  }
}
