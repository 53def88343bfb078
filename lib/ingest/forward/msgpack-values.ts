import { Decoder, ExtData, ExtensionCodec } from '@msgpack/msgpack';
import type { JsonValue } from '@/lib/core/event.ts';
import { decodeText } from '../decode-text.ts';

/** EventTime of the forward protocol: seconds and nanoseconds. */
export class EventTime {
  readonly timeMs: number;

  constructor(timeMs: number) {
    this.timeMs = timeMs;
  }
}

const EVENT_TIME_TYPE = 0;
/** Objects within each other that a record may have; what is deeper is left out. */
const DEPTH_MAX = 32;

const extensionCodec = new ExtensionCodec();
extensionCodec.register({
  type: EVENT_TIME_TYPE,
  encode: () => null,
  decode: (bytes) => {
    if (bytes.length !== 8) return new ExtData(EVENT_TIME_TYPE, bytes);
    const view = new DataView(bytes.buffer, bytes.byteOffset, 8);
    return new EventTime(view.getUint32(0) * 1000 + Math.floor(view.getUint32(4) / 1e6));
  },
});

/** Text comes as bytes, since senders put into `str` what they have read, whatever its encoding. */
const decoder = new Decoder({ extensionCodec, rawStrings: true, useBigInt64: true, mapKeyConverter: String });

/** One value. Throws what the library throws. */
export function decodeValue(bytes: Uint8Array): unknown {
  return decoder.decode(bytes);
}

/** Undefined for what is neither `str` nor `bin`. */
export function bytesOf(value: unknown): Buffer | undefined {
  return value instanceof Uint8Array ? Buffer.from(value.buffer, value.byteOffset, value.byteLength) : undefined;
}

export function textOf(value: unknown): string | undefined {
  const bytes = bytesOf(value);
  return bytes && decodeText(bytes).text;
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array || value instanceof EventTime || value instanceof ExtData || value instanceof Date)
  );
}

/** A value as JSON can hold it: integers beyond what a number holds, NaN and the like become text. */
export function jsonOf(value: unknown, depth = 0): JsonValue {
  if (value === null || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : String(value);
  }
  if (value instanceof Uint8Array) return textOf(value) ?? '';
  if (value instanceof EventTime) return timeText(value.timeMs);
  if (value instanceof Date) return timeText(value.getTime());
  if (value instanceof ExtData) {
    return Buffer.from(typeof value.data === 'function' ? value.data(0) : value.data).toString('base64');
  }
  if (depth >= DEPTH_MAX) return '…';
  if (Array.isArray(value)) return value.map((inner) => jsonOf(inner, depth + 1));
  if (typeof value !== 'object') return null;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, jsonOf(inner, depth + 1)]));
}

function timeText(timeMs: number): JsonValue {
  const date = new Date(timeMs);
  return Number.isNaN(date.getTime()) ? null : date.toISOString();
}
