import { z } from 'zod';
import { CLIENT_TRANSPORTS, type ClientTransport } from '@/lib/core/client-transport.ts';

/** `automatic` tries them in order; anything else is used whatever happens. */
export const TRANSPORT_WISHES = ['automatic', ...CLIENT_TRANSPORTS] as const;
export type TransportWish = (typeof TRANSPORT_WISHES)[number];

/** A reader's choice, from whichever tab. `why` is the sentence for the screen; `remember` for the next page as well. */
export type WishAsked = { readonly wish: TransportWish; readonly why: string; readonly remember: boolean };

export const BY_HAND = 'it was chosen by hand';
export const BY_ADDRESS = 'the address of the page says so';
export const BY_ORDER = 'it is the first in the order';

/** Being tried; in use; ended without anything held against it; could not be used. */
export const TRY_OUTCOMES = ['trying', 'open', 'ended', 'failed'] as const;

/** One attempt, or several in a row that ended in the same way. */
export const transportTrySchema = z.object({
  transport: z.enum(CLIENT_TRANSPORTS),
  atMs: z.number(),
  endedAtMs: z.number().exactOptional(),
  times: z.number(),
  outcome: z.enum(TRY_OUTCOMES),
  /** A sentence: why it was tried, and once it has ended, how. */
  why: z.string(),
});
export type TransportTry = Readonly<z.infer<typeof transportTrySchema>>;

export const TRIES_MAX = 20;

/** What is told of the transport, on the screen and between tabs. */
export type TransportReport = {
  /** What the stream is read by, or will be. */
  readonly transport: ClientTransport;
  readonly wish: TransportWish;
  /** Why this one: a sentence without its full stop. */
  readonly why: string;
  /** Newest last, at most TRIES_MAX. */
  readonly tried: readonly TransportTry[];
  /** Times that a running stream went over to another transport. */
  readonly switches: number;
  /** Such a going over is under way. */
  readonly switching: boolean;
};

export function beginTry(
  tried: readonly TransportTry[],
  transport: ClientTransport,
  atMs: number,
  why: string,
): readonly TransportTry[] {
  return [...tried, { transport, atMs, times: 1, outcome: 'trying' as const, why }].slice(-TRIES_MAX);
}

export function openTry(tried: readonly TransportTry[]): readonly TransportTry[] {
  const last = tried.at(-1);
  return last?.outcome === 'trying' ? [...tried.slice(0, -1), { ...last, outcome: 'open' }] : tried;
}

/** Ends the newest, if it is not over. The same end as the one before makes one of the two: an outage is many tries. */
export function endTry(
  tried: readonly TransportTry[],
  atMs: number,
  outcome: 'ended' | 'failed',
  why: string,
): readonly TransportTry[] {
  const last = tried.at(-1);
  if (!last || last.endedAtMs !== undefined) return tried;
  const ended: TransportTry = { ...last, endedAtMs: atMs, outcome, why };
  const before = tried.at(-2);
  const same = before?.transport === ended.transport && before.outcome === outcome && before.why === why;
  if (!same) return [...tried.slice(0, -1), ended];
  return [...tried.slice(0, -2), { ...ended, atMs: before.atMs, times: before.times + 1 }];
}
