import { RANK_NONE } from '@/lib/core/level.ts';

/** The services seen, for the screen's filter. Bounded: whoever sends a new name with every event fills only this. */
const SERVICES_MAX = 1000;

export class ServiceNames {
  /** With the greatest rank of what they have sent, for those who may see only from a level on. */
  readonly #ranks = new Map<string, number>();

  add(name: string, rank: number): void {
    const known = this.#ranks.get(name);
    if (known === undefined ? this.#ranks.size < SERVICES_MAX : known < rank) this.#ranks.set(name, rank);
  }

  /** @param rankMin only those that have sent something of at least this rank */
  list(rankMin = RANK_NONE): string[] {
    return [...this.#ranks].flatMap(([name, rank]) => (rank >= rankMin ? [name] : [])).sort();
  }
}
