import { type Filter, filterToQuery } from '@/lib/core/filter.ts';

/** @param from where to start; undefined for the head, or when Last-Event-ID says where to go on */
export function streamUrl(filter: Filter, from: string | undefined): string {
  const query = filterToQuery(filter);
  if (from !== undefined) query.set('from', from);
  const text = query.toString();
  return text === '' ? '/api/stream' : `/api/stream?${text}`;
}
