import { fitsLimits } from './attribute-limits.ts';
import { LocalZone } from './calendar.ts';
import { readColoured } from './coloured-line.ts';
import type { UnderstoodLine } from './line-format.ts';
import { readLine } from './read-line.ts';

export type { LineFormat, UnderstoodLine } from './line-format.ts';

export type UnderstandOptions = {
  /** What years, days and clocks without a date are inferred from; default: the clock of this machine. */
  nowMs?: number;
  /** Minutes east of UTC for times without a zone; default: this machine's zone. */
  zoneMinutes?: number;
};

const machineZone = new LocalZone(undefined);
let lastZone = { minutes: 0, zone: new LocalZone(0) };

/**
 * Reads time, level, message and what else a line of text tells; the text may be several lines that belong together (see
 * `LineJoiner`). Never throws. What it does not know stays as it was: then the message is the text.
 */
export function understandLine(text: string, options: UnderstandOptions = {}): UnderstoodLine {
  const context = { nowMs: options.nowMs ?? Date.now(), zone: zoneOf(options.zoneMinutes) };
  const read = readColoured(text, (plain) => readLine(plain, context));
  const { timeMs, level, service, attributes, traceId, spanId } = read;
  // Assigned one by one: leaving one field out of a copy takes as long as reading a short line.
  const line: UnderstoodLine = { message: read.message, format: read.format };
  if (timeMs !== undefined) line.timeMs = timeMs;
  if (level !== undefined) line.level = level;
  if (service !== undefined) line.service = service;
  if (traceId !== undefined) line.traceId = traceId;
  if (spanId !== undefined) line.spanId = spanId;
  if (attributes === undefined || Object.keys(attributes).length === 0) return line;
  // More than an event may have: the whole text then holds what the attributes would.
  if (fitsLimits(attributes, text.length)) line.attributes = attributes;
  else line.message = text;
  return line;
}

function zoneOf(minutes: number | undefined): LocalZone {
  if (minutes === undefined) return machineZone;
  if (minutes !== lastZone.minutes) lastZone = { minutes, zone: new LocalZone(minutes) };
  return lastZone.zone;
}
