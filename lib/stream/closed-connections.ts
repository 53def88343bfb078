import { Ring } from '@/lib/core/ring.ts';
import type { ConnectionDetail } from '@/lib/wire/connection-pages.ts';

const KEPT_MAX = 500;

/** The connections that ended a short while ago, with their story: the answer to "why was I thrown out?". */
export class ClosedConnections {
  readonly #details = new Ring<ConnectionDetail>(KEPT_MAX);

  add(detail: ConnectionDetail): void {
    this.#details.push(detail);
  }

  find(id: string): ConnectionDetail | undefined {
    return this.newest().find(({ row }) => row.id === id);
  }

  newest(): ConnectionDetail[] {
    return this.#details.toArray().reverse();
  }
}
