import type { LockPort } from './tab-ports.ts';
import { TAB_LOCK_PREFIX } from './tab-protocol.ts';

/** Who is there, by the locks that every tab holds: a tab that crashed says no goodbye, but the browser releases them. */
export class TabCensus {
  readonly #locks: LockPort;
  readonly #ownId: string;
  #suspects = new Set<string>();

  constructor(locks: LockPort, ownId: string) {
    this.#locks = locks;
    this.#ownId = ownId;
  }

  async others(): Promise<string[]> {
    const names = [...(await this.#locks.held())].filter((name) => name.startsWith(TAB_LOCK_PREFIX));
    return names.map((name) => name.slice(TAB_LOCK_PREFIX.length)).filter((tabId) => tabId !== this.#ownId);
  }

  /** Those of the known tabs that are gone: missing twice in a row, for a tab may speak before it has its lock. */
  async gone(known: readonly string[]): Promise<string[]> {
    const held = new Set(await this.others());
    const missing = known.filter((tabId) => !held.has(tabId));
    const gone = missing.filter((tabId) => this.#suspects.has(tabId));
    this.#suspects = new Set(missing);
    return gone;
  }
}
