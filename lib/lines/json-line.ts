import type { Attributes, JsonValue } from '@/lib/core/event.ts';
import { BRACE_OPEN, skipBlanks } from './characters.ts';
import { type LiftedFields, liftFields } from './event-fields.ts';
import { levelOfStatus } from './level-words.ts';
import type { ReadLine, Recogniser } from './line-format.ts';
import type { TimeContext } from './scan-time.ts';
import { unwrap } from './wrapped-line.ts';

const STATUS_KEYS = ['status', 'status_code', 'statusCode', 'http.response.status_code'];
const REQUEST_KEYS = ['request', 'method', 'path', 'uri', 'url', 'request_uri', 'http.request.method'];

/** A line that is one JSON object. */
export const readJsonLine: Recogniser = (text, context, inner) => {
  const fields = parseObject(text);
  return fields && fromFields(fields, text, context, inner, 'json');
};

/** The object that a text is, or undefined. */
export function parseObject(text: string): Attributes | undefined {
  if (text.charCodeAt(skipBlanks(text, 0)) !== BRACE_OPEN || !text.trimEnd().endsWith('}')) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Attributes {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param text the line, which is the message when no field is one */
export function fromFields(
  fields: Attributes,
  text: string,
  context: TimeContext,
  inner: (text: string) => ReadLine,
  format: 'json' | 'logfmt',
): ReadLine {
  const lifted = liftFields(fields, context);
  const { message, messageKey, attributes } = lifted;
  const level = lifted.level ?? statusLevel(fields);
  const isTemplate = messageKey === '@mt' || messageKey === 'MessageTemplate';
  if (isTemplate && messageKey) attributes[messageKey] = message ?? '';
  const outer: ReadLine = {
    message: message === undefined ? text : isTemplate ? render(message, fields) : message,
    format,
  };
  if (lifted.timeMs !== undefined) outer.timeMs = lifted.timeMs;
  if (level) outer.level = level;
  if (lifted.service !== undefined) outer.service = lifted.service;
  if (lifted.traceId !== undefined) outer.traceId = lifted.traceId;
  if (lifted.spanId !== undefined) outer.spanId = lifted.spanId;
  if (Object.keys(attributes).length > 0) outer.attributes = attributes;
  if (message === undefined || isTemplate || !mayWrap(lifted)) return outer;
  const wrapped = inner(messageKey === 'log' && message.endsWith('\n') ? message.slice(0, -1) : message);
  return wrapped.format === 'text' ? { ...outer, message: wrapped.message } : { ...unwrap(outer, wrapped), format };
}

/** A shipper has put a line of another program into an object: it says nothing of a level, or calls the line a log. */
function mayWrap({ messageKey, level }: LiftedFields): boolean {
  return messageKey === 'log' || level === undefined;
}

function statusLevel(fields: Attributes): ReadLine['level'] {
  const key = STATUS_KEYS.find((name) => name in fields);
  if (key === undefined || !REQUEST_KEYS.some((name) => name in fields)) return undefined;
  const status = Number(fields[key]);
  return Number.isInteger(status) && status >= 100 && status < 600 ? levelOfStatus(status) : undefined;
}

const HOLES_MAX = 64;

/** Message templates (messagetemplates.org): `{Name}`, `{@Name}` and `{Name:format}` stand for the values of the fields. */
function render(template: string, fields: Attributes): string {
  let rendered = '';
  let at = 0;
  for (let holes = 0; holes < HOLES_MAX; holes += 1) {
    const open = template.indexOf('{', at);
    const close = open < 0 ? -1 : template.indexOf('}', open);
    if (close < 0) break;
    const hole = template.slice(open + 1, close);
    const name = hole.split(/[:,]/, 1)[0]?.replace(/^[@$]/, '') ?? '';
    const isKnown = Object.hasOwn(fields, name);
    rendered += template.slice(at, open) + (isKnown ? show(fields[name] ?? null) : template.slice(open, close + 1));
    at = close + 1;
  }
  return rendered + template.slice(at);
}

function show(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
