import type { JsonValue } from '@/lib/core/event.ts';
import type { Level } from '@/lib/core/level.ts';
import { isBlank, isDigit, isUpper } from './characters.ts';
import type { ScannedLevel } from './head-level.ts';

const SIGNS: ReadonlyMap<string, Level> = new Map([
  ['.', 'debug'],
  ['-', 'debug'],
  ['*', 'info'],
  ['#', 'warn'],
]);

/** Redis and its kin write a process and its role (`1:M`) before the time, and behind it a level of one sign. */
export function scanSign(text: string, at: number, source: JsonValue | undefined): ScannedLevel | undefined {
  const level = SIGNS.get(text.charAt(at));
  return level && isBlank(text.charCodeAt(at + 1)) && isRole(source) ? { level, end: at + 1 } : undefined;
}

function isRole(source: JsonValue | undefined): boolean {
  if (typeof source !== 'string' || source.length > 10) return false;
  const colon = source.indexOf(':');
  const role = source.charCodeAt(colon + 1);
  return colon > 0 && colon === source.length - 2 && isDigit(source.charCodeAt(0)) && isUpper(role);
}
