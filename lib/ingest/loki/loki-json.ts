import { AppError } from '@/lib/core/errors.ts';
import type { Attributes, JsonValue } from '@/lib/core/event.ts';
import type { SourceEvent } from '@/lib/core/source.ts';
import type { Understand } from '../understand.ts';
import { LokiStream } from './loki-stream.ts';

type Entry = readonly [time: string, line: string, metadata?: Readonly<Record<string, JsonValue>>];
type Stream = { readonly stream: Readonly<Record<string, JsonValue>>; readonly values: readonly Entry[] };

const EXAMPLE = '{"streams":[{"stream":{"app":"shop"},"values":[["1700000000000000000","line"]]}]}';
const NANOSECONDS = /^-?\d{1,19}$/;
const NONE: readonly [string, JsonValue][] = [];

/** Lines of a push as JSON. Throws bad-request, before the first one, for what Loki would not take either. */
export function* readLokiJson(body: Buffer, common: Attributes, understand?: Understand): Iterable<SourceEvent> {
  for (const { stream: labels, values } of parse(body)) {
    const stream = new LokiStream(Object.entries(labels), common, understand);
    for (const [time, line, metadata] of values) {
      yield stream.event(millisecondsOf(time), line, metadata ? Object.entries(metadata) : NONE);
    }
  }
}

function parse(body: Buffer): readonly Stream[] {
  let input: unknown;
  try {
    input = JSON.parse(body.toString('utf8'));
  } catch (error) {
    throw new AppError('bad-request', `the body is not valid JSON: ${(error as Error).message}`);
  }
  const streams = isObject(input) ? input['streams'] : undefined;
  if (!isArrayOf(streams, isStream)) throw wrong(`expected ${EXAMPLE}`);
  return streams;
}

/** Checked by hand: a schema would walk and copy every key of a large body. Throws where the sentence can say more. */
function isStream(value: unknown, index: number): value is Stream {
  if (!isObject(value)) throw wrong(`streams[${index}]: expected an object, got ${show(value)}`);
  const { stream, values } = value;
  if (!isObject(stream)) throw wrong(`streams[${index}].stream: expected an object of labels, got ${show(stream)}`);
  const where = `streams[${index}].values`;
  if (!Array.isArray(values)) throw wrong(`${where}: expected an array, got ${show(values)}`);
  values.forEach((entry: unknown, at) => {
    checkEntry(entry, `${where}[${at}]`);
  });
  return true;
}

function checkEntry(entry: unknown, where: string): void {
  if (!Array.isArray(entry)) throw wrong(`${where}: expected ["<nanoseconds>","line"], got ${show(entry)}`);
  const [time, line, metadata] = entry as unknown[];
  if (typeof time !== 'string' || !NANOSECONDS.test(time)) {
    const hint = typeof time === 'number' ? '; a number cannot hold nanoseconds, send it as a string' : '';
    const says = `${where}[0]: expected the time as a string of nanoseconds since 1970, such as "1700000000000000000"`;
    throw wrong(`${says}, got ${show(time)}${hint}`);
  }
  if (typeof line !== 'string') throw wrong(`${where}[1]: expected the line as a string, got ${show(line)}`);
  if (metadata !== undefined && !isObject(metadata)) {
    throw wrong(`${where}[2]: expected structured metadata as an object, got ${show(metadata)}`);
  }
}

/** Cut as text: a number would round nanoseconds to the next 256. */
function millisecondsOf(nanoseconds: string): number {
  return Number(nanoseconds.slice(0, -6)) || 0;
}

function isObject(value: unknown): value is Record<string, JsonValue> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isArrayOf<T>(value: unknown, is: (item: unknown, index: number) => item is T): value is T[] {
  return Array.isArray(value) && value.every(is);
}

function wrong(says: string): AppError {
  return new AppError('bad-request', says);
}

function show(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'object' && value !== null) return 'an object';
  return JSON.stringify(value)?.slice(0, 60) ?? 'nothing';
}
