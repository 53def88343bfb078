import { ATTRIBUTE_VALUE_BYTES_MAX, ATTRIBUTES_MAX, type Attributes, MESSAGE_BYTES_MAX } from '@/lib/core/event.ts';
import { cutBytes, exceedsBytes } from '@/lib/core/text.ts';
import { type UnderstoodLine, understandLine } from '@/lib/lines/understand-line.ts';
import type { LineGroup } from './line-groups.ts';

/** What is known of every line of a source. */
export type LineOrigin = {
  /** Asked for: counts whatever a line says. */
  readonly service?: string | undefined;
  /** Where neither who started us nor the line says whose it is. */
  readonly serviceElse: string;
  readonly attributes: Attributes;
  /** The wrapping's time counts before the line's own: a container's line may be in a zone of its own. */
  readonly trustsWrapping: boolean;
  /** Whether it matters which stream of a program a line came from. */
  readonly namesStream: boolean;
};

/** Attributes of ours beside those of a line. */
const OWN_ATTRIBUTES_MAX = 8;

/**
 * A group as lines of NDJSON, mostly one. A text that is too long for one event is cut into several, each but the last
 * with the attribute `lineContinues`, so that nothing of it is lost.
 */
export function eventLines(group: LineGroup, origin: LineOrigin, nowMs: number): string[] {
  const { text, timeMs, stream, continues } = group;
  const own = ownFields(origin, stream);
  const understood = understandLine(text, { nowMs });
  const level = understood.level ?? group.level;
  if (level) understood.level = level;
  const time = origin.trustsWrapping ? (timeMs ?? understood.timeMs) : (understood.timeMs ?? timeMs);
  const service = origin.service ?? understood.service ?? origin.serviceElse;
  if (!continues && fits(understood, text)) {
    return [eventLine(understood, time, service, fieldsOf(understood.attributes), own)];
  }
  const pieces = inPieces(text);
  return pieces.map((message, index) => {
    const goesOn = index < pieces.length - 1 || continues;
    const piece = { message, ...(level && { level }) };
    return eventLine(piece, time, service, goesOn ? '"lineContinues":true' : '', own);
  });
}

/** Whether the server takes it as it was understood. Nothing of a short text can be too long. */
function fits({ message, attributes }: UnderstoodLine, text: string): boolean {
  if (attributes && Object.keys(attributes).length > ATTRIBUTES_MAX - OWN_ATTRIBUTES_MAX) return false;
  if (text.length * 3 <= ATTRIBUTE_VALUE_BYTES_MAX) return true;
  if (exceedsBytes(message, MESSAGE_BYTES_MAX)) return false;
  return Object.values(attributes ?? {}).every(
    (value) => !exceedsBytes(typeof value === 'string' ? value : JSON.stringify(value), ATTRIBUTE_VALUE_BYTES_MAX),
  );
}

function inPieces(text: string): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (exceedsBytes(rest, MESSAGE_BYTES_MAX)) {
    const piece = cutBytes(rest, MESSAGE_BYTES_MAX);
    pieces.push(piece);
    rest = rest.slice(piece.length);
  }
  return [...pieces, rest];
}

type Said = Pick<UnderstoodLine, 'message' | 'level' | 'traceId' | 'spanId'>;

/** Written by hand: half the cost of an object that JSON.stringify walks. Our own attributes come last, and count. */
function eventLine(said: Said, timeMs: number | undefined, service: string, fields: string, own: string): string {
  const { message, level, traceId, spanId } = said;
  let line = '{"kind":"log"';
  if (timeMs !== undefined) line += `,"time":${timeMs}`;
  if (level) line += `,"level":"${level}"`;
  line += `,"service":${quoted(service)},"message":${JSON.stringify(message)}`;
  if (traceId) line += `,"traceId":${JSON.stringify(traceId)}`;
  if (spanId) line += `,"spanId":${JSON.stringify(spanId)}`;
  const comma = fields && own ? ',' : '';
  return fields || own ? `${line},"attributes":{${fields}${comma}${own}}}` : `${line}}`;
}

let lastService = { service: '', json: '""' };

/** Mostly the one of the line before. */
function quoted(service: string): string {
  if (service !== lastService.service) lastService = { service, json: JSON.stringify(service) };
  return lastService.json;
}

/** Attributes as JSON without their braces. */
function fieldsOf(attributes: Attributes | undefined): string {
  return attributes ? JSON.stringify(attributes).slice(1, -1) : '';
}

const ownFieldsOf = new WeakMap<LineOrigin, string>();

/** The same for every line of a source, but for the stream. */
function ownFields(origin: LineOrigin, stream: string | undefined): string {
  let fields = ownFieldsOf.get(origin);
  if (fields === undefined) {
    fields = fieldsOf(origin.attributes);
    ownFieldsOf.set(origin, fields);
  }
  if (stream === undefined || !origin.namesStream) return fields;
  return `${fields}${fields ? ',' : ''}"stream":${JSON.stringify(stream)}`;
}
