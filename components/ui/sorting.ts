export type Order = 'asc' | 'desc';

export type Sorting<Sort extends string> = { readonly sort: Sort; readonly order: Order };

/**
 * A click on a column: its own order first, then the other way round.
 * @param rising columns whose own order is the rising one, such as names; the greatest of others comes first
 */
export function sortedBy<Sort extends string>(now: Sorting<Sort>, sort: Sort, rising: readonly Sort[]): Sorting<Sort> {
  const natural = rising.includes(sort) ? 'asc' : 'desc';
  const other = natural === 'asc' ? 'desc' : 'asc';
  return { sort, order: now.sort === sort && now.order === natural ? other : natural };
}
