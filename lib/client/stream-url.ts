import { type Filter, filterToQuery } from '@/lib/core/filter.ts';

/**
 * @param from where to start; undefined for the head, or when Last-Event-ID says where to go on
 * @param more such as `ack=1`: the client acknowledges, the server may count on hearing from it
 */
export function streamUrl(
  path: string,
  filter: Filter,
  from: string | undefined,
  more: Readonly<Record<string, string>> = {},
): string {
  const query = filterToQuery(filter);
  if (from !== undefined) query.set('from', from);
  for (const [name, value] of Object.entries(more)) query.set(name, value);
  return query.size === 0 ? path : `${path}?${query}`;
}
