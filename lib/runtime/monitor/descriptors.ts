import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';

/** The kernel needs 36 ms to list 10,000 descriptors, on a thread of the pool; ten seconds keep that below the noise. */
const EVERY_MS = 10_000;

/** Descriptors this process may have open; undefined where there is no such limit or no way to know. */
export function descriptorsMax(): number | undefined {
  try {
    return parseLimit(readFileSync('/proc/self/limits', 'utf8'));
  } catch {
    return undefined;
  }
}

/** @param limits the text of /proc/self/limits; the soft limit, which Node has raised to the hard one, counts */
export function parseLimit(limits: string): number | undefined {
  const soft = /^Max open files +(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? undefined : Number(soft);
}

/** How many are open, as of the last count. */
export class DescriptorCount {
  readonly #list: () => Promise<readonly unknown[]>;
  #dueMs = 0;
  /** NaN before the first count, and where there is no such list. */
  value = Number.NaN;

  constructor(list: () => Promise<readonly unknown[]> = () => readdir('/proc/self/fd')) {
    this.#list = list;
  }

  /** Counts again when the last count is old enough. */
  refresh(nowMs: number): void {
    if (nowMs < this.#dueMs) return;
    this.#dueMs = nowMs + EVERY_MS;
    this.#list().then(
      (names) => {
        // The list contains the descriptor that reads it.
        this.value = names.length - 1;
      },
      () => {
        this.value = Number.NaN;
      },
    );
  }
}
