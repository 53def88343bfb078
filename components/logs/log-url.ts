import { FILTER_SERVICES_MAX, FILTER_TEXT_CHARS_MAX, type Filter, filterToQuery } from '@/lib/core/filter.ts';
import { parseLevel } from '@/lib/core/level.ts';

/**
 * Reads the log screen's filter from its address. An address is typed and shared by people: what cannot be read is left
 * out rather than refused, and the screen shows what it understood.
 */
export function filterFromAddress(query: { get(name: string): string | null; getAll(name: string): string[] }): Filter {
  const level = parseLevel(query.get('level') ?? '');
  const services = [...new Set(query.getAll('service').filter((service) => service !== ''))].slice(
    0,
    FILTER_SERVICES_MAX,
  );
  const q = (query.get('q') ?? '').slice(0, FILTER_TEXT_CHARS_MAX);
  return {
    kind: 'log',
    ...(level && { level }),
    ...(services.length > 0 && { services }),
    ...(q !== '' && { q }),
  };
}

/** Writes the address of a filter: "/logs?level=warn&service=api". The kind is the screen itself. */
export function addressOfFilter({ kind: _, ...filter }: Filter): string {
  const query = filterToQuery(filter).toString();
  return query === '' ? '/logs' : `/logs?${query}`;
}

/** What Next hands a page, as the one form the readers above take. */
export function toQuery(searchParams: Readonly<Record<string, string | string[] | undefined>>): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(searchParams)) {
    for (const each of Array.isArray(value) ? value : value === undefined ? [] : [value]) query.append(name, each);
  }
  return query;
}

/** True when a filter lets through less than all logs. */
export function narrows(filter: Filter): boolean {
  return Boolean(filter.level || filter.services?.length || filter.q);
}
