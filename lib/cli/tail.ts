import { connect } from '@/lib/client/node/connect.ts';
import type { Connection } from '@/lib/client/node/connection.ts';
import { fetchNewest } from '@/lib/client/node/newest-events.ts';
import type { PlacedEvent } from '@/lib/core/event.ts';
import { eventLine } from './event-line.ts';
import { harmlessJson } from './harmless.ts';
import type { Palette } from './palette.ts';
import type { TailOptions } from './tail-options.ts';
import { TailVoice } from './tail-voice.ts';

/** Exit codes of the command, see its help. */
export const EXIT = { done: 0, failed: 1, wrong: 2 } as const;

export type TailIo = {
  /** Resolves when more may be written. */
  readonly write: (text: string) => Promise<void> | undefined;
  /** Says something that is no event. */
  readonly tell: (sentence: string) => void;
  readonly palette: Palette;
  readonly now: () => number;
  /** Aborted when the reader has gone or wants no more. */
  readonly signal: AbortSignal;
};

/** Prints events until there is nobody to print for; resolves to the exit code. */
export async function tail(options: TailOptions, io: TailIo): Promise<number> {
  const voice = new TailVoice(options.url, io.tell);
  const patience = new AbortController();
  const timer = options.waitMs === undefined ? undefined : setTimeout(() => patience.abort(), options.waitMs);
  const signal = AbortSignal.any([io.signal, patience.signal]);
  const reached = (): void => clearTimeout(timer);
  try {
    const from = await begin(options, io, signal, voice);
    if (from !== undefined) {
      const code = await follow(connectTo(options, from, signal, voice, reached), options, io, voice);
      if (code !== undefined) return code;
    }
    if (io.signal.aborted) return EXIT.done;
    voice.say(`gave up: ${options.url} could not be reached within ${(options.waitMs ?? 0) / 1000} s`);
    return EXIT.failed;
  } finally {
    clearTimeout(timer);
  }
}

/** Prints what there is to begin with, and gives the place where the stream goes on; undefined when told to stop. */
async function begin(
  options: TailOptions,
  io: TailIo,
  signal: AbortSignal,
  voice: TailVoice,
): Promise<string | undefined> {
  if (options.from !== undefined || options.lines === 0) return options.from ?? 'now';
  const { url, token, filter, lines } = options;
  const page = await fetchNewest({ url, token, filter, limit: lines, signal, onFailure: (cause) => voice.lost(cause) });
  if (!page) return undefined;
  for (const event of page.events) await print(event, options, io);
  return page.after;
}

function connectTo(
  { url, filter, transport, token }: TailOptions,
  from: string,
  signal: AbortSignal,
  voice: TailVoice,
  reached: () => void,
): Connection {
  const { services, ...rest } = filter;
  return connect(url, {
    ...rest,
    ...(services && { service: services }),
    ...(token !== undefined && { token }),
    from,
    transport,
    signal,
    onState: ({ state, cause }) => {
      if (state === 'replaying' || state === 'live') reached();
      if (state === 'waiting') voice.lost(cause);
    },
  });
}

/** Undefined when it was told to stop. */
async function follow(
  connection: Connection,
  options: TailOptions,
  io: TailIo,
  voice: TailVoice,
): Promise<number | undefined> {
  for await (const item of connection) {
    if (item.type === 'event') await print(item.event, options, io);
    else if (item.type === 'live') voice.live(connection.report.transport, item);
    else if (item.type === 'end') {
      voice.say(`the stream has ended for good: ${item.cause}`);
      return EXIT.failed;
    } else voice.gap(item);
  }
  return undefined;
}

function print(event: PlacedEvent, { json }: TailOptions, io: TailIo): Promise<void> | undefined {
  return io.write(json ? `${harmlessJson(event)}\n` : eventLine(event, io.palette, io.now()));
}
