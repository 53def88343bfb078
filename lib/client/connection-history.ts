import { z } from 'zod';
import { type Outage, PHASES, type PhaseChange, type StreamSample } from './state.ts';

/** What a reload of the page keeps of the connection's story. */
export type ConnectionHistory = {
  readonly changes: readonly PhaseChange[];
  readonly outages: readonly Outage[];
  readonly samples: readonly StreamSample[];
};

/** The part of Storage that is used here. */
export type StoragePort = Pick<Storage, 'getItem' | 'setItem'>;

const KEY = 'tailrace.connection';
export const HISTORY_MS = 60 * 60 * 1000;

const phase = z.enum(PHASES);
/** Samples as tuples: an hour of them as objects would fill a tenth of the storage that a browser grants. */
const schema = z.object({
  version: z.literal(1),
  changes: z.array(z.object({ phase, atMs: z.number(), cause: z.string() })).max(500),
  outages: z
    .array(
      z.object({
        atMs: z.number(),
        cause: z.string(),
        downMs: z.number().exactOptional(),
        catchUpMs: z.number().exactOptional(),
        replayed: z.number(),
      }),
    )
    .max(100),
  samples: z.array(z.tuple([z.number(), z.number(), z.number(), z.number().nullable(), phase])).max(3_600),
});

export function saveHistory(storage: StoragePort, history: ConnectionHistory): void {
  const samples = history.samples.map((s) => [s.atMs, s.events, s.bytes, s.heartbeatDelayMs, s.phase]);
  const { changes, outages } = history;
  try {
    storage.setItem(KEY, JSON.stringify({ version: 1, changes, outages, samples }));
  } catch {
    // Full or forbidden: the story then ends with the page, and nothing else suffers.
  }
}

/** Returns undefined for nothing, or for what another version or another hand wrote. */
export function loadHistory(storage: StoragePort, nowMs: number): ConnectionHistory | undefined {
  const parsed = schema.safeParse(readJson(storage));
  if (!parsed.success) return undefined;
  const { changes, outages, samples } = parsed.data;
  const recent = (one: { atMs: number }) => one.atMs > nowMs - HISTORY_MS && one.atMs <= nowMs;
  return {
    changes: changes.filter(recent),
    // A loss that was not over when the page went is over now, but nobody saw how.
    outages: outages.filter((outage) => recent(outage) && outage.catchUpMs !== undefined),
    samples: samples
      .map(([atMs, events, bytes, heartbeatDelayMs, phase]) => ({ atMs, events, bytes, heartbeatDelayMs, phase }))
      .filter(recent),
  };
}

function readJson(storage: StoragePort): unknown {
  try {
    return JSON.parse(storage.getItem(KEY) ?? 'null');
  } catch {
    return null;
  }
}
