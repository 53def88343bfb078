import { ATTRIBUTE_VALUE_BYTES_MAX, type Attributes, type JsonValue, MESSAGE_BYTES_MAX } from '@/lib/core/event.ts';
import { type Level, parseLevel } from '@/lib/core/level.ts';
import { Ring } from '@/lib/core/ring.ts';
import type { Source, SourceEvent, SourceSink } from '@/lib/core/source.ts';
import { exceedsBytes } from '@/lib/core/text.ts';

const SERVICE = 'tailrace';
const BUFFER_LINES_MAX = 1000;
const FLUSH_MS = 100;

export type LogStream = {
  /** A destination for pino (`pino.multistream`): one JSON line a call. Never throws, never blocks. */
  readonly stream: { write(line: string): void };
  readonly source: Source;
};

/**
 * The server's own log lines as events. Lines wait in a buffer of 1,000 until the source is started, so that the
 * start-up itself can be read, and after that for at most 100 ms; a full buffer drops the oldest, counts, and says so
 * in one event.
 *
 * A line about taking in, storing or delivering events would become an event that is taken in, stored and delivered in
 * turn. The rule against that circle: whatever speaks about the path of an event carries `journal: false`
 * (`logger.child({ journal: false })`) and goes to the console only. Should a line forget it, the circle cannot grow:
 * nothing is handed on inside `write`, and one flush hands on 1,000 lines at most.
 */
export function createLogStream({ bufferLinesMax = BUFFER_LINES_MAX } = {}): LogStream {
  const lines = new Ring<string>(bufferLinesMax);
  let dropped = 0;
  let sink: SourceSink | undefined;
  let timer: NodeJS.Timeout | undefined;

  const flush = (): void => {
    timer = undefined;
    if (!sink) return;
    const events = lines.toArray().map(toEvent);
    if (dropped > 0) events.unshift(droppedEvent(dropped));
    lines.clear();
    dropped = 0;
    if (events.length > 0) sink(events);
  };

  const write = (line: string): void => {
    if (isWithheld(line)) return;
    if (lines.push(line) !== undefined) dropped += 1;
    if (sink && !timer) timer = setTimeout(flush, FLUSH_MS).unref();
  };

  const source: Source = {
    name: 'own-logs',
    async start(startedSink) {
      sink = startedSink;
      flush();
      return async () => {
        clearTimeout(timer);
        flush();
        sink = undefined;
        // What the last flush itself caused to be written must not leave a timer behind.
        clearTimeout(timer);
        timer = undefined;
      };
    },
  };
  return { stream: { write }, source };
}

type Fields = { [key: string]: JsonValue | undefined };

/** The cheap search spares nearly every line the parsing; it happens once more when the line becomes an event. */
function isWithheld(line: string): boolean {
  return line.includes('"journal":false') && parseFields(line)?.['journal'] === false;
}

function parseFields(line: string): Fields | undefined {
  try {
    const parsed: unknown = JSON.parse(line);
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Fields) : undefined;
  } catch {
    return undefined;
  }
}

/** Pino's fields: `level` (number or name), `time`, `msg`, `err`; all others become attributes. */
function toEvent(line: string): SourceEvent {
  const fields = parseFields(line);
  if (!fields) return { kind: 'log', service: SERVICE, level: 'info', message: cut(line.trimEnd(), MESSAGE_BYTES_MAX) };
  const { level, time, msg, err, ...rest } = fields;
  const attributes = definedValues(rest);
  if (isObject(err)) Object.assign(attributes, errorAttributes(err));
  else if (err !== undefined) attributes['error.message'] = cutValue(err);
  return {
    kind: 'log',
    service: SERVICE,
    level: levelOf(level),
    message: cut(typeof msg === 'string' ? msg : '', MESSAGE_BYTES_MAX),
    ...((typeof time === 'number' || typeof time === 'string') && { time }),
    ...(Object.keys(attributes).length > 0 && { attributes }),
  };
}

function levelOf(level: JsonValue | undefined): Level {
  return (typeof level === 'number' || typeof level === 'string' ? parseLevel(level) : undefined) ?? 'info';
}

/** `{ type, message, stack, code }` becomes `error.type`, `error.message`, `error.stack`, `error.code`. */
function errorAttributes(error: Fields): Attributes {
  const attributes: Attributes = {};
  for (const [key, value] of Object.entries(definedValues(error))) attributes[`error.${key}`] = value;
  return attributes;
}

function definedValues(fields: Fields): Attributes {
  const attributes: Attributes = {};
  for (const [key, value] of Object.entries(fields)) {
    if (value !== undefined) attributes[key] = cutValue(value);
  }
  return attributes;
}

function isObject(value: JsonValue | undefined): value is { [key: string]: JsonValue } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The edge refuses an event with a value too long; a deep stack is worth more cut than not at all. */
function cutValue(value: JsonValue): JsonValue {
  if (typeof value === 'string') return cut(value, ATTRIBUTE_VALUE_BYTES_MAX);
  if (typeof value !== 'object' || value === null) return value;
  const json = JSON.stringify(value);
  return exceedsBytes(json, ATTRIBUTE_VALUE_BYTES_MAX) ? cut(json, ATTRIBUTE_VALUE_BYTES_MAX) : value;
}

/** A third of the bytes in characters fits in any script without counting (UTF-8 needs at most three a UTF-16 unit). */
function cut(text: string, bytesMax: number): string {
  return exceedsBytes(text, bytesMax) ? `${text.slice(0, Math.floor(bytesMax / 3) - 10)} … (cut)` : text;
}

function droppedEvent(count: number): SourceEvent {
  return {
    kind: 'log',
    service: SERVICE,
    level: 'warn',
    message: `${count} log ${count === 1 ? 'line was' : 'lines were'} dropped: more came than the buffer holds`,
    attributes: { 'log.dropped': count },
  };
}
