import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { AppError } from '@/lib/core/errors.ts';
import { Refused } from '../http-protocol.ts';
import type { LogSourceEvent } from '../log-source-event.ts';
import type { Understand } from '../understand.ts';
import { forwardEvent } from './forward-event.ts';
import { MsgpackFramer } from './msgpack-framer.ts';
import { bytesOf, decodeValue, isMap, textOf } from './msgpack-values.ts';

/** Of the entries of one message, after decompression. */
export const ENTRIES_BYTES_MAX = 64 * 1024 * 1024;

/** A message of the Fluent forward protocol, v1.5, in any of its four modes. */
export type ForwardMessage = {
  readonly tag: string;
  /** Names the message; whoever gives it waits for its acknowledgement, and sends it again when none comes. */
  readonly chunk: string | undefined;
  /** One event, as programs send that do not batch. */
  readonly isSingle: boolean;
  readonly body: ForwardBody;
};

type ForwardBody =
  | { readonly entries: readonly (readonly [time: unknown, record: unknown])[] }
  | { readonly packed: Buffer; readonly isCompressed: boolean }
  | { readonly refused: Refused };

const unzip = promisify(gunzip);
/** `fluent_signal` of Fluent Bit: 0 are logs. */
const SIGNALS: readonly string[] = ['logs', 'metrics', 'traces'];

/**
 * Reads what `decodeValue` made of one message. Throws bad-request, or unsupported-media-type, for what is none: nothing
 * that follows it can then be relied on either.
 */
export function readForward(value: unknown): ForwardMessage {
  if (!Array.isArray(value) || value.length < 2) {
    throw new AppError('bad-request', 'expected a message of the Fluent forward protocol: [tag, entries or time, …]');
  }
  const [tag, second, third, fourth]: unknown[] = value;
  const name = textOf(tag) ?? '';
  const packed = bytesOf(second);
  const isBatch = packed !== undefined || isEntries(second);
  const option = isBatch ? third : fourth;
  const common = { tag: name, chunk: isMap(option) ? textOf(option['chunk']) : undefined, isSingle: !isBatch };
  const signal = isMap(option) ? Number(option['fluent_signal'] ?? 0) : 0;
  if (signal !== 0) {
    const refused = new Refused(
      `expected logs, got ${SIGNALS[signal] ?? `signal ${signal}`} of Fluent Bit; only logs are taken`,
    );
    return { ...common, body: { refused } };
  }
  if (packed) return { ...common, body: { packed, isCompressed: isCompressed(option) } };
  if (!isBatch) return { ...common, body: { entries: [[second, third]] } };
  return { ...common, body: { entries: (second as unknown[][]).map((entry) => [entry[0], entry[1]] as const) } };
}

/** Entries are arrays of two; a time with metadata is an array as well, whose first is a time. */
function isEntries(value: unknown): boolean {
  return Array.isArray(value) && value.every((entry) => Array.isArray(entry) && entry.length >= 2);
}

function isCompressed(option: unknown): boolean {
  const name = isMap(option) ? (textOf(option['compressed']) ?? 'text') : 'text';
  if (name === 'text') return false;
  if (name === 'gzip') return true;
  throw new AppError('unsupported-media-type', `expected entries compressed with gzip or not at all, got "${name}"`);
}

/** A message with its entries decompressed. Throws bad-request or body-too-large. */
export async function inflateEntries(message: ForwardMessage): Promise<ForwardMessage> {
  const { body } = message;
  if (!('packed' in body) || !body.isCompressed) return message;
  return { ...message, body: { packed: await unzipped(body.packed), isCompressed: false } };
}

/** Bytes of its entries where they came packed. */
export function packedBytes({ body }: ForwardMessage): number {
  return 'packed' in body ? body.packed.length : 0;
}

/** The events of a message whose entries are not compressed, lazily. */
export function forwardEvents(
  { tag, body }: ForwardMessage,
  understand: Understand,
): Iterable<LogSourceEvent | Refused> {
  if ('refused' in body) return [body.refused];
  return 'packed' in body ? unpack(tag, body.packed, understand) : eventsOf(tag, body.entries, understand);
}

function* eventsOf(
  tag: string,
  entries: Iterable<readonly [time: unknown, record: unknown]>,
  understand: Understand,
): Generator<LogSourceEvent | Refused> {
  for (const [time, record] of entries) yield forwardEvent(tag, time, record, understand);
}

async function unzipped(packed: Buffer): Promise<Buffer> {
  try {
    return await unzip(packed, { maxOutputLength: ENTRIES_BYTES_MAX });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') {
      throw new AppError(
        'body-too-large',
        `expected at most ${ENTRIES_BYTES_MAX} bytes of entries after decompression`,
      );
    }
    throw new AppError('bad-request', `the entries are not valid gzip: ${(error as Error).message}`);
  }
}

/** Each entry is decoded by itself: one that is broken takes none of the others with it. */
function* unpack(tag: string, packed: Buffer, understand: Understand): Generator<LogSourceEvent | Refused> {
  const framer = new MsgpackFramer(ENTRIES_BYTES_MAX);
  const step = 64 * 1024;
  for (let at = 0; at < packed.length; at += step) {
    let frames: ReturnType<MsgpackFramer['feed']>;
    try {
      frames = framer.feed(packed.subarray(at, at + step));
    } catch (error) {
      yield new Refused(`entries that cannot be read: ${(error as Error).message}`);
      return;
    }
    for (const { bytes } of frames) yield entryEvent(tag, bytes, understand);
  }
  if (framer.isMidway) yield new Refused('the last entry of a message is not complete');
}

function entryEvent(tag: string, bytes: Buffer, understand: Understand): LogSourceEvent | Refused {
  try {
    const entry = decodeValue(bytes);
    if (Array.isArray(entry) && entry.length >= 2) return forwardEvent(tag, entry[0], entry[1], understand);
    return new Refused('expected an entry of the Fluent forward protocol: [time, record]');
  } catch (error) {
    return new Refused(`an entry that cannot be decoded: ${(error as Error).message}`);
  }
}
