/** One filter of the mix, and the service that the event must have which every viewer of it is to see. */
export type MixedFilter = { readonly query: string; readonly service: string };

/** In this order, so that few filters are few groups on the server: everything first, then narrower ones. */
const MIX: readonly MixedFilter[] = [
  { query: '', service: 'storefront' },
  { query: 'level=warn', service: 'storefront' },
  { query: 'service=checkout', service: 'checkout' },
  { query: 'kind=log&service=payments&service=inventory', service: 'payments' },
  { query: 'q=cart', service: 'storefront' },
  { query: 'kind=log&level=error', service: 'storefront' },
  { query: 'service=inventory', service: 'inventory' },
  { query: 'q=cart&level=warn&service=checkout', service: 'checkout' },
];
export const FILTERS_MAX = MIX.length;

export function filterMix(count: number, query: string | undefined): readonly MixedFilter[] {
  return query === undefined ? MIX.slice(0, count) : [{ query, service: 'storefront' }];
}

/** The last event of a run: who has its filter must get it, and by its `prev` everything before it. */
export function lastEvent({ service }: MixedFilter): string {
  return JSON.stringify({ kind: 'log', level: 'fatal', service, message: 'load test: the last event, cart and all' });
}
