import type { Attributes } from '@/lib/core/event.ts';
import type { Level } from '@/lib/core/level.ts';
import type { LineFormat } from './line-format.ts';

export type UnderstoodLine = {
  timeMs?: number;
  level?: Level;
  message: string;
  service?: string;
  attributes?: Attributes;
  traceId?: string;
  spanId?: string;
  format: LineFormat;
};

export type UnderstandOptions = {
  /** What years, days and clocks without a date are inferred from; default: the clock of this machine. */
  nowMs?: number;
  /** Minutes east of UTC for times without a zone; default: this machine's zone. */
  zoneMinutes?: number;
};

/** Reads time, level, message and what else a line of text tells. Never throws; what it does not know stays as it was. */
export function understandLine(text: string, _options: UnderstandOptions = {}): UnderstoodLine {
  return { message: text, format: 'text' };
}
