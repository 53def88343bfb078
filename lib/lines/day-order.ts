import { fullYear, isDay } from './calendar.ts';
import { DOT } from './characters.ts';

type Day = { readonly year: number; readonly month: number; readonly day: number };

/** A date that falls so near to now is taken for that of a line that has just been written. */
const NEAR_MS = 2 * 24 * 60 * 60 * 1000;

/**
 * Three numbers of which nobody says which is the year: the order that makes it a day near to now, otherwise the one that
 * programs write most: year first where all have two digits, then month first, with dots the day first.
 */
export function guessDayOrder(
  [a, b, c]: readonly [number, number, number],
  endsInYear: boolean,
  separator: number,
  nowMs: number,
): Day | undefined {
  const year = endsInYear ? c : fullYear(c);
  const monthFirst = { year, month: a, day: b };
  const dayFirst = { year, month: b, day: a };
  const yearLast = separator === DOT ? [dayFirst, monthFirst] : [monthFirst, dayFirst];
  const orders = endsInYear ? yearLast : [{ year: fullYear(a), month: b, day: c }, ...yearLast];
  const days = orders.filter((order) => isDay(order.year, order.month, order.day));
  return days.find((day) => Math.abs(Date.UTC(day.year, day.month - 1, day.day) - nowMs) < NEAR_MS) ?? days[0];
}
