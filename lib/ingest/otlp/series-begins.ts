import { SeriesMemory } from './series-memory.ts';

/** A counter that has begun so shortly before its first point is taken to have begun under our eyes. */
export const BEGAN_NANOS_MAX = 5 * 60e9;
const WEIGHT_MAX = 200_000;

type Entry = { readonly lastNanos: number; readonly beganWithNanos: number | undefined };

/**
 * Tells a counter that was restarted from one that went on. Its values alone do not: after a restart it may soon be higher
 * than before, and all that it counted until then would be missing from the chart.
 */
export class SeriesBegins {
  readonly #series = new SeriesMemory<Entry>(WEIGHT_MAX, () => 4);

  /** Where the series begins with this point, from 0: the time of it. Undefined: it goes on, or nobody knows. */
  of(key: string, { startNanos, timeNanos }: { startNanos: number; timeNanos: number }): number | undefined {
    const entry = this.#series.get(key);
    // The same point again, in a retry.
    if (entry && timeNanos === entry.lastNanos) return entry.beganWithNanos;
    if (entry && timeNanos < entry.lastNanos) return undefined;
    // A start that is the point's own time stands for one that is not known.
    const isKnown = startNanos > 0 && startNanos < timeNanos;
    const isNew = entry ? startNanos > entry.lastNanos : timeNanos - startNanos <= BEGAN_NANOS_MAX;
    const beganWithNanos = isKnown && isNew ? startNanos : undefined;
    this.#series.set(key, { lastNanos: timeNanos, beganWithNanos });
    return beganWithNanos;
  }
}
