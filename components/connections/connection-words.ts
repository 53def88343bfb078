import { formatCount, formatDuration } from '@/components/shell/format-count.ts';
import type { ConnectionSummary } from '@/lib/wire/connection-pages.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60_000;

/** Whole seconds, since it is drawn once a second: "now", "4 s", "2 min 5 s". Clocks may disagree by a little. */
export function formatAge(ageMs: number): string {
  if (ageMs < SECOND_MS) return 'now';
  if (ageMs < MINUTE_MS) return `${Math.floor(ageMs / SECOND_MS)} s`;
  return formatDuration(ageMs);
}

/** How evenly a crowd came back; undefined while there was none. */
export function herdSentence(herd: ConnectionSummary['herd']): string | undefined {
  if (!herd) return undefined;
  const { connections, seconds, factor } = herd;
  return `${formatCount(connections)} came back within ${formatCount(seconds)} s, busiest second ${factor.toFixed(1)}× the mean`;
}

/** Why fewer rows are shown than there are connections; undefined when all are. */
export function shownSentence(shown: number, { matching }: Pick<ConnectionSummary, 'matching'>): string | undefined {
  if (matching <= shown) return undefined;
  return `The first ${formatCount(shown)} of ${formatCount(matching)}: sort or filter to see others.`;
}
