import { sortedBy } from '@/components/ui/sorting.ts';
import { type ConnectionQuery, connectionQuerySchema } from '@/lib/wire/connection-pages.ts';

/** What the address of the screen says: which rows in which order, and which connection is open. */
export type ConnectionsAddress = Pick<ConnectionQuery, 'state' | 'q' | 'sort' | 'order' | 'closed'> & {
  readonly id?: string;
};

const { state, q, sort, order, closed } = connectionQuerySchema.shape;
const ID_CHARS_MAX = 64;

/** What an address does not say, or says wrongly, is as it is by default. */
export function readAddress(query: URLSearchParams): ConnectionsAddress {
  const get = (name: string) => query.get(name) || undefined;
  const id = get('id');
  const pickedState = state.safeParse(get('state')).data;
  const typed = q.safeParse(get('q')).data;
  return {
    ...(pickedState && { state: pickedState }),
    ...(typed && { q: typed }),
    sort: sort.catch('lag').parse(get('sort')),
    order: order.catch('desc').parse(get('order')),
    closed: closed.catch('0').parse(get('closed')),
    ...(id && id.length <= ID_CHARS_MAX && { id }),
  };
}

/** The query of the rows; defaults are left out, so that the address of the plain screen is plain. */
function rowsQuery(address: ConnectionsAddress): URLSearchParams {
  const query = new URLSearchParams();
  if (address.state) query.set('state', address.state);
  if (address.q) query.set('q', address.q);
  if (address.sort !== 'lag') query.set('sort', address.sort);
  if (address.order !== 'desc') query.set('order', address.order);
  if (address.closed !== '0') query.set('closed', address.closed);
  return query;
}

export function writeAddress(address: ConnectionsAddress): string {
  const query = rowsQuery(address);
  if (address.id) query.set('id', address.id);
  return withQuery('/connections', query);
}

/** The stream that shows these rows: which connection is open does not matter to it. */
export function watchUrl(address: ConnectionsAddress): string {
  return withQuery('/api/connections/stream', rowsQuery(address));
}

function withQuery(path: string, query: URLSearchParams): string {
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** Whether rows are left out that the plain screen shows. */
export function narrows({ state, q }: ConnectionsAddress): boolean {
  return state !== undefined || q !== undefined;
}

/** A click on a column: its own order first (greatest first, but names from A), then the other way round. */
export function sortBy(address: ConnectionsAddress, sort: ConnectionsAddress['sort']): ConnectionsAddress {
  return { ...address, ...sortedBy(address, sort, ['address']) };
}
