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
      return reads.services(sight.level).filter((service) => sight.services?.includes(service) ?? true);
    },
    readEvents: (query, signal) => reads.readEvents({ ...query, filter: narrowFilter(query.filter, sight) }, signal),
    queryMetrics: (query, signal) => {
      const { services = [], level, topics } = narrowFilter({ services: query.services ?? [] }, sight);
      // Metrics have no level, and so never reach a least one. How long it takes must not tell of what is not seen either.
      return reads.queryMetrics({ ...query, services: level || topics ? NONE : services }, signal);
    },
  };
}

/** No service has this name. */
const NONE = [''];
