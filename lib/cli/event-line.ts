import type { Attributes, JsonValue, PlacedEvent } from '@/lib/core/event.ts';
import { harmless, harmlessJson, linesOf } from './harmless.ts';
import type { Palette } from './palette.ts';

const LEVEL_CHARS = 6;
/** Of services shorter than this the messages stand below each other. */
const SERVICE_CHARS = 10;
/** A line of a message that is not its first cannot be taken for another event's. */
const INDENT = '    ';

/** An event as it is read on a terminal, with its line end; nothing of it can act there. */
export function eventLine(event: PlacedEvent, palette: Palette, nowMs: number): string {
  const time = palette.dim(clockTime(event.time, nowMs));
  const service = palette.service(harmless(oneLine(event.service)).padEnd(SERVICE_CHARS));
  const rest = palette.dim(details(event));
  if (event.kind === 'metric') {
    const unit = event.unit ? ` ${harmless(oneLine(event.unit))}` : '';
    const name = palette.metric(harmless(oneLine(event.name)));
    return `${time} ${palette.metric('METRIC')} ${service} ${name} = ${event.value}${unit}${rest}\n`;
  }
  const level = palette.level[event.level](event.level.toUpperCase().padEnd(LEVEL_CHARS));
  const [first = '', ...more] = linesOf(event.message.replace(/\s+$/, ''));
  const following = more.map((line) => `\n${INDENT}${line}`).join('');
  return `${time} ${level} ${service} ${first}${following}${rest}\n`;
}

/** The reader's own clock; with its date unless that is today's. */
function clockTime(iso: string, nowMs: number): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return harmless(oneLine(iso));
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${String(at.getMilliseconds()).padStart(3, '0')}`;
  if (at.toDateString() === new Date(nowMs).toDateString()) return clock;
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock}`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

function details(event: PlacedEvent): string {
  const attributes: Attributes = { ...event.attributes };
  if (event.kind === 'log' && event.traceId) attributes['trace'] = event.traceId;
  const parts = Object.entries(attributes).map(([key, value]) => `${harmless(oneLine(key))}=${attribute(value)}`);
  if (event.durable === false) parts.push('(not stored yet)');
  return parts.length === 0 ? '' : `  ${parts.join(' ')}`;
}

/** Words stand as they are; what has spaces or quotes in it is JSON, which has no line ends. */
function attribute(value: JsonValue): string {
  if (typeof value === 'string' && /^[\w./:@%+-]+$/.test(value)) return value;
  return harmlessJson(value);
}

/** Names have no line ends; whoever sends some all the same gets them shown. */
function oneLine(text: string): string {
  return text.replace(/\n/g, '\u240a');
}
