import type { Attributes, JsonValue } from '@/lib/core/event.ts';
import type { SourceEvent } from '@/lib/core/source.ts';
import type { Target } from './elastic-actions.ts';
import { asText, isId, isLevel, isName, isRecord, isText, isTime } from './field-kinds.ts';

type Document = Record<string, JsonValue>;

/** Where the Elastic Common Schema and the shippers in use keep a thing; the first that is there counts. */
const PATHS = {
  time: ['@timestamp', 'timestamp'],
  message: ['message', 'msg', 'log', 'event.original', 'error.message'],
  level: ['log.level', 'level', 'severity', 'log.syslog.severity.name'],
  service: ['service.name', 'service'],
  trace: ['trace.id', 'trace_id'],
  span: ['span.id', 'span_id'],
} as const;
/** Names a service where nothing else does, and stays what it is. */
const CONTAINERS = ['kubernetes.container.name', 'kubernetes.container_name', 'container.name'] as const;
/** These stand on their own whichever way they were written: one to filter by, one to have room for itself. */
const FLAT = ['host.name', 'error.stack_trace'] as const;

/** One document as an event; what has no place of its own becomes an attribute, nested as it was. */
export function documentEvent(document: Document, { index, id }: Target): SourceEvent {
  // Before anything is taken out of the document: where it has no text, all of it is the text.
  const message = textAt(document, PATHS.message) ?? asText(document);
  const time = takeFirst(document, PATHS.time, isTime);
  const level = takeFirst(document, PATHS.level, isLevel);
  const container = CONTAINERS.map((path) => valueAt(document, path)).find(isName);
  const service = takeFirst(document, PATHS.service, isName) ?? container;
  const traceId = takeFirst(document, PATHS.trace, isId);
  const spanId = takeFirst(document, PATHS.span, isId);
  const flat: Attributes = {};
  for (const path of FLAT) {
    const value = takeFirst(document, [path], isText);
    if (value !== undefined) flat[path] = value;
  }
  if (index !== undefined) flat['_index'] = index;
  if (id !== undefined) flat['_id'] = id;
  return {
    kind: 'log',
    ...{ message, time, level, service, traceId, spanId },
    attributes: { ...document, ...flat },
  };
}

function textAt(document: Document, paths: readonly string[]): string | undefined {
  const text = takeFirst(document, paths, isText);
  if (text !== undefined) return text;
  const { message } = document;
  if (message === undefined || message === null || !Object.hasOwn(document, 'message')) return undefined;
  delete document['message'];
  return asText(message);
}

function takeFirst<T>(document: Document, paths: readonly string[], is: (value: unknown) => value is T): T | undefined {
  for (const path of paths) {
    const value = valueAt(document, path);
    if (!is(value)) continue;
    remove(document, path, value);
    return value;
  }
  return undefined;
}

/** A path may be one name with dots or names within each other, and both at once. */
function valueAt(holder: Document, path: string): unknown {
  if (Object.hasOwn(holder, path)) return holder[path];
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const inner = Object.hasOwn(holder, path.slice(0, dot)) ? holder[path.slice(0, dot)] : undefined;
    const value = isRecord(inner) ? valueAt(inner, path.slice(dot + 1)) : undefined;
    if (value !== undefined) return value;
  }
  return undefined;
}

/** Takes a value out, and what is empty then. */
function remove(holder: Document, path: string, value: unknown): void {
  if (Object.hasOwn(holder, path) && holder[path] === value) delete holder[path];
  for (let dot = path.indexOf('.'); dot !== -1; dot = path.indexOf('.', dot + 1)) {
    const name = path.slice(0, dot);
    const inner = Object.hasOwn(holder, name) ? holder[name] : undefined;
    if (!isRecord(inner)) continue;
    remove(inner, path.slice(dot + 1), value);
    if (Object.keys(inner).length === 0) delete holder[name];
  }
}
