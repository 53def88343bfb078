import { createHash } from 'node:crypto';
import type { Placed } from './named-appends.ts';
import type { Sender } from './sender.ts';

/** Of a body that its sender may repeat: what tells it from its others. */
export type BodyMark = {
  /** Bytes, or whatever else is known of it at no cost. */
  readonly size: number;
  /** Asked for only where another of the same size broke off. */
  digest(): string;
};

/** How far a body was stored when it broke off. */
export type Begun = {
  /** Items at its beginning, of whatever kind, that are done with. */
  readonly items: number;
  /** Where the first and the last of those that are stored stand. */
  readonly placed: Placed;
};

type Entry = {
  readonly sender: Sender;
  readonly owner: string;
  readonly size: number;
  readonly digest: string;
  readonly begun: Begun;
  readonly atMs: number;
};

/** Senders that keep what they could not send come again within an hour, however far they have backed off; each try counts. */
const REMEMBERED_MS = 3 * 60 * 60_000;
const ENTRIES_MAX = 1000;
const FORGOTTEN =
  'too many bodies were stored in part to remember each: if this sender repeats one of its own, its beginning is stored twice';

/**
 * Bodies that were stored in part when the store went away: their senders were told to come again, and do so with all of it.
 * A body without an id or a time in it looks no different from the same thing said twice, so only what was answered with a
 * failure is remembered, and given out once for each such answer. A body that was stored as a whole is not known here.
 */
export class BegunBodies {
  readonly #now: () => number;
  readonly #entriesMax: number;
  /** The oldest first. */
  #entries: Entry[] = [];

  constructor(now: () => number, entriesMax = ENTRIES_MAX) {
    this.#now = now;
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** How far this body has come; undefined: it is new. Whoever is told goes on with it, and nobody else is told. */
  take(sender: Sender, mark: BodyMark): Begun | undefined {
    if (this.#entries.length === 0) return undefined;
    this.#forgetOld();
    const owner = ownerOf(sender);
    if (!this.#entries.some((entry) => entry.size === mark.size && entry.owner === owner)) return undefined;
    const digest = mark.digest();
    const at = this.#entries.findIndex((entry) => entry.digest === digest && entry.owner === owner);
    return at < 0 ? undefined : this.#entries.splice(at, 1)[0]?.begun;
  }

  /** After each try that broke off. */
  put(sender: Sender, mark: BodyMark, begun: Begun): void {
    this.#forgetOld();
    if (this.#entries.length >= this.#entriesMax) {
      this.#entries.shift()?.sender.tell(FORGOTTEN, this.#now());
    }
    const { size } = mark;
    this.#entries.push({ sender, owner: ownerOf(sender), size, digest: mark.digest(), begun, atMs: this.#now() });
  }

  #forgetOld(): void {
    const sinceMs = this.#now() - REMEMBERED_MS;
    if ((this.#entries[0]?.atMs ?? sinceMs) < sinceMs) {
      this.#entries = this.#entries.filter(({ atMs }) => atMs >= sinceMs);
    }
  }
}

function ownerOf({ id: { protocol, address, credential } }: Sender): string {
  return JSON.stringify([protocol, address, credential]);
}

/** @param origin what else decides what the bytes become, such as path and query */
export function markOf(bytes: Uint8Array, origin = ''): BodyMark {
  const digest = (): string => createHash('sha256').update(JSON.stringify(origin)).update(bytes).digest('base64url');
  return { size: bytes.length, digest };
}
