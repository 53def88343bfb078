import { type Filter, filterToQuery } from '@/lib/core/filter.ts';

/**
 * The stream of a client that acknowledges (`ack=1`): the server may count on hearing from it.
 * @param from where to start; undefined for the head, or when Last-Event-ID says where to go on
 */
export function streamUrl(path: string, filter: Filter, from: string | undefined): string {
  const query = filterToQuery(filter);
  if (from !== undefined) query.set('from', from);
  query.set('ack', '1');
  return `${path}?${query}`;
}
