import { parseAgeMs, parseTimeMs } from '@/lib/core/event-time.ts';
import { parsePosition } from '@/lib/core/position.ts';

export const PLACE_EXPECTED = 'expected "now", a position, an ISO time, or an age such as "-15m"';

/** Whether the server would know it as `from`. */
export function isPlace(text: string): boolean {
  if (text === 'now' || parsePosition(text) !== undefined) return true;
  return parseAgeMs(text) !== undefined || parseTimeMs(text) !== undefined;
}
