import type { Attributes } from '@/lib/core/event.ts';
import type { ReadLine } from './line-format.ts';
import { setOwn } from './own-attribute.ts';

/**
 * A line in the wrapping of another: a container's, a syslog daemon's, a shipper's. What the program itself wrote comes
 * first, but for a time that says less than the wrapping's; what gives way is kept among the attributes.
 * @param inner is changed, and given back
 */
export function unwrap(outer: ReadLine, inner: ReadLine): ReadLine {
  const attributes = merge(outer.attributes, inner.attributes);
  if (outer.timeMs !== undefined && (inner.timeMs === undefined || inner.inferredFrom !== undefined)) {
    inner.timeMs = outer.timeMs;
    if (inner.inferredFrom !== undefined) attributes['loggedAt'] = inner.inferredFrom;
    inner.inferredFrom = outer.inferredFrom;
  }
  if (outer.service !== undefined) {
    if (inner.service === undefined) inner.service = outer.service;
    else if (inner.service !== outer.service) {
      attributes['source' in attributes ? 'source.service' : 'source'] = outer.service;
    }
  }
  inner.level ??= outer.level;
  inner.traceId ??= outer.traceId;
  inner.spanId ??= outer.spanId;
  inner.attributes = attributes;
  if (inner.format === 'text') inner.format = outer.format;
  return inner;
}

function merge(outer: Attributes | undefined, inner: Attributes | undefined): Attributes {
  if (!outer || !inner) return outer ?? inner ?? {};
  for (const key of Object.keys(outer)) {
    const value = outer[key] ?? null;
    if (!Object.hasOwn(inner, key)) setOwn(inner, key, value);
    else if (inner[key] !== value) inner[`source.${key}`] = value;
  }
  return inner;
}
