import { sortedBy } from '@/components/ui/sorting.ts';
import { type SourceQuery, sourceQuerySchema } from '@/lib/wire/source-query.ts';
import { guideOf } from './snippets.ts';

/**
 * What the address of the screen says: which senders in which order, which one is open, and which guide. By name at
 * first: by the time of their last word busy senders would change places every second.
 */
export type SourcesAddress = Pick<SourceQuery, 'sort' | 'order' | 'q' | 'open'> & { readonly add?: string };

const { q, sort, order, open } = sourceQuerySchema.shape;

/** What an address does not say, or says wrongly, is as it is by default. */
export function readAddress(query: URLSearchParams): SourcesAddress {
  const get = (name: string) => query.get(name) || undefined;
  const typed = q.safeParse(get('q')).data;
  const opened = open.safeParse(get('open')).data;
  const add = get('add');
  return {
    ...(typed && { q: typed }),
    sort: sort.catch('protocol').parse(get('sort')),
    order: order.catch('asc').parse(get('order')),
    ...(opened && { open: opened }),
    ...(add !== undefined && guideOf(add) && { add }),
  };
}

/** What the server is asked for; defaults are left out, so that the address of the plain screen is plain. */
function rowsQuery(address: SourcesAddress): URLSearchParams {
  const query = new URLSearchParams();
  if (address.q) query.set('q', address.q);
  if (address.sort !== 'protocol') query.set('sort', address.sort);
  if (address.order !== 'asc') query.set('order', address.order);
  if (address.open) query.set('open', address.open);
  return query;
}

export function writeAddress(address: SourcesAddress): string {
  const query = rowsQuery(address);
  if (address.add) query.set('add', address.add);
  return withQuery('/sources', query);
}

/** The stream that shows these rows: which guide is open does not matter to it. */
export function watchUrl(address: SourcesAddress): string {
  return withQuery('/api/sources/stream', rowsQuery(address));
}

function withQuery(path: string, query: URLSearchParams): string {
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** A click on a column: its own order first (greatest first, but names from A), then the other way round. */
export function sortBy(address: SourcesAddress, sort: SourcesAddress['sort']): SourcesAddress {
  return { ...address, ...sortedBy(address, sort, ['protocol', 'address']) };
}
