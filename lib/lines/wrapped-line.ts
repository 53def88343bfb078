import type { Attributes } from '@/lib/core/event.ts';
import type { ReadLine } from './line-format.ts';

/**
 * A line in the wrapping of another: a container's, a syslog daemon's, a shipper's. What the program itself wrote comes
 * first, but for a time that says less than the wrapping's; what gives way is kept among the attributes.
 */
export function unwrap(outer: ReadLine, inner: ReadLine): ReadLine {
  const isOuterTime = outer.timeMs !== undefined && (inner.timeMs === undefined || inner.inferredFrom !== undefined);
  const { inferredFrom, ...rest } = inner;
  const joined: ReadLine = { ...outer, ...rest, format: inner.format === 'text' ? outer.format : inner.format };
  const attributes = merge(outer.attributes, inner.attributes);
  if (isOuterTime) {
    joined.timeMs = outer.timeMs as number;
    if (inferredFrom !== undefined) attributes['loggedAt'] = inferredFrom;
  } else if (inferredFrom !== undefined) joined.inferredFrom = inferredFrom;
  if (outer.service !== undefined && inner.service !== undefined && inner.service !== outer.service) {
    attributes['source' in attributes ? 'source.service' : 'source'] = outer.service;
  }
  if (Object.keys(attributes).length > 0) joined.attributes = attributes;
  return joined;
}

function merge(outer: Attributes | undefined, inner: Attributes | undefined): Attributes {
  if (!outer) return { ...inner };
  if (!inner) return { ...outer };
  const both = Object.entries(outer).map(([key, value]): [string, Attributes[string]] =>
    Object.hasOwn(inner, key) && inner[key] !== value ? [`source.${key}`, value] : [key, value],
  );
  return { ...Object.fromEntries(both), ...inner };
}
