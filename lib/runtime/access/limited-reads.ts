import { narrowFilter } from '@/lib/core/filter.ts';
import { type Principal, sightOf } from '@/lib/core/principal.ts';
import type { ReadSide } from '../read-side.ts';

/** What a principal can read without a stream: the same as everybody, but for what it may not see. */
export function readsOf(reads: ReadSide, principal: Principal): ReadSide {
  const sight = sightOf(principal);
  if (!sight) return reads;
  return {
    head: () => reads.head(),
    services: () => {
      if (sight.topics) return [];
      return reads.services().filter((service) => sight.services?.includes(service) ?? true);
    },
    readEvents: (query, signal) => reads.readEvents({ ...query, filter: narrowFilter(query.filter, sight) }, signal),
    queryMetrics: async (query, signal) => {
      const { services, level, topics } = narrowFilter({ services: query.services ?? [] }, sight);
      const page = await reads.queryMetrics({ ...query, ...(services && { services }) }, signal);
      // Metrics have no level, and so never reach a least one.
      return level || topics ? { ...page, series: [], omitted: 0 } : page;
    },
  };
}
