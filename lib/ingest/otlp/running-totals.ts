import { SeriesMemory } from './series-memory.ts';

/** Points of each series that are known again when they come again. */
export const REMEMBERED_MAX = 16;
/** About 20,000 series with all their points. */
const WEIGHT_MAX = 1_000_000;

/** `total` is undefined for a point that came after a later one. */
type Known = {
  readonly timeNanos: number;
  readonly total: number | undefined;
  readonly beginsNanos: number | undefined;
};
type Entry = { readonly total: number; readonly known: readonly Known[] };

export type Total = {
  readonly value: number;
  /** Where the series begins with this point, from 0: the start of its interval. */
  readonly beginsNanos: number | undefined;
};

/**
 * Adds deltas up into what a counter shows. A retry brings the same points again, and they must count once: each is known
 * by its time, and told what it was told before.
 */
export class RunningTotals {
  readonly #series = new SeriesMemory<Entry>(WEIGHT_MAX, ({ known }) => 2 + 3 * known.length);

  /**
   * The total with this delta in it. Undefined for one that comes after a later one: it is in the total of the next, since a
   * counter that runs backwards would look like a restart. `too-late`: nobody knows whether it is in the total already.
   */
  add(key: string, point: { startNanos: number; timeNanos: number; delta: number }): Total | 'too-late' | undefined {
    const { startNanos, timeNanos, delta } = point;
    const entry = this.#series.get(key) ?? { total: 0, known: [] };
    const seen = entry.known.find((each) => each.timeNanos === timeNanos);
    if (seen) return totalOf(seen);
    const [oldest] = entry.known;
    const last = entry.known.at(-1);
    if (oldest && entry.known.length >= REMEMBERED_MAX && timeNanos < oldest.timeNanos) return 'too-late';
    const total = entry.total + delta;
    const isLate = last !== undefined && timeNanos < last.timeNanos;
    const begins = last === undefined && startNanos > 0 && startNanos < timeNanos;
    const fresh = { timeNanos, total: isLate ? undefined : total, beginsNanos: begins ? startNanos : undefined };
    const known = [...entry.known, fresh].sort((a, b) => a.timeNanos - b.timeNanos).slice(-REMEMBERED_MAX);
    this.#series.set(key, { total, known });
    return totalOf(fresh);
  }
}

function totalOf({ total, beginsNanos }: Known): Total | undefined {
  return total === undefined ? undefined : { value: total, beginsNanos };
}
