import type { PlacedEvent } from '@/lib/core/event.ts';
import { parsePosition } from '@/lib/core/position.ts';
import type { LogRow } from './state.ts';

export type RowLimits = { readonly rowsMax: number; readonly charsMax: number };
/** 32 MB of text as UTF-16. */
export const ROW_LIMITS: RowLimits = { rowsMax: 20_000, charsMax: 16 * 1024 * 1024 };

/** What objects and keys of one row weigh besides its text, roughly. */
const ROW_CHARS = 200;

export function eventRow(event: PlacedEvent, resets: number): LogRow {
  // A journal that has gone back gives out the same positions again.
  const key = resets === 0 ? event.position : `${event.position}~${resets}`;
  return { kind: 'event', key, seq: parsePosition(event.position)?.seq ?? 0, event };
}

/** An estimate of a row's size in characters; exact enough to bound memory, cheap enough for every row. */
export function rowChars(row: LogRow): number {
  if (row.kind === 'marker') return ROW_CHARS + row.text.length;
  const { event } = row;
  let chars = ROW_CHARS + (event.kind === 'log' ? event.message.length : event.name.length);
  for (const [key, value] of Object.entries(event.attributes ?? {})) {
    chars += key.length + (typeof value === 'string' ? value.length : typeof value === 'object' ? 500 : 8);
  }
  return chars;
}

/** Rows in order, bounded by number and by text. The array is replaced, never changed: a list may hold on to it. */
export class RowBuffer {
  readonly #limits: RowLimits;
  rows: readonly LogRow[] = [];
  #chars = 0;
  #hasMarks = false;

  constructor(limits: RowLimits) {
    this.#limits = limits;
  }

  /** Adds the newest rows; returns how many of the oldest had to go. */
  append(rows: readonly LogRow[]): number {
    const all = this.#stored(rows).concat(rows);
    for (const row of rows) this.#chars += rowChars(row);
    let start = 0;
    while (this.#over(all.length - start)) {
      this.#chars -= charsAt(all, start);
      start += 1;
    }
    this.rows = start === 0 ? all : all.slice(start);
    return start;
  }

  /** The history takes events in their order: one that is stored says so of all before it that were not, when they came. */
  #stored(rows: readonly LogRow[]): readonly LogRow[] {
    const known = this.#hasMarks && rows.some((row) => row.kind === 'event' && row.event.durable !== false);
    const before = known ? this.rows.map(withoutMark) : this.rows;
    this.#hasMarks = (this.#hasMarks && !known) || rows.some(isMarked);
    return before;
  }

  /** Adds older rows; returns how many of the newest had to go. */
  prepend(rows: readonly LogRow[]): number {
    const all = rows.concat(this.rows);
    for (const row of rows) this.#chars += rowChars(row);
    let end = all.length;
    while (this.#over(end)) {
      end -= 1;
      this.#chars -= charsAt(all, end);
    }
    this.rows = end === all.length ? all : all.slice(0, end);
    return all.length - end;
  }

  clear(): void {
    this.rows = [];
    this.#chars = 0;
  }

  get firstPosition(): string | undefined {
    const first = this.rows.find((row) => row.kind === 'event');
    return first?.kind === 'event' ? first.event.position : undefined;
  }

  /** One row always stays, however long it is. */
  #over(count: number): boolean {
    return count > 1 && (count > this.#limits.rowsMax || this.#chars > this.#limits.charsMax);
  }
}

function isMarked(row: LogRow): boolean {
  return row.kind === 'event' && row.event.durable === false;
}

function withoutMark(row: LogRow): LogRow {
  if (row.kind !== 'event' || !isMarked(row)) return row;
  const { durable: _, ...event } = row.event;
  return { ...row, event };
}

function charsAt(rows: readonly LogRow[], index: number): number {
  const row = rows[index];
  return row ? rowChars(row) : 0;
}
