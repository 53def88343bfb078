import type { Attributes } from '@/lib/core/event.ts';
import type { Level } from '@/lib/core/level.ts';
import type { TimeContext } from './scan-time.ts';

/**
 * How a line was read. `timed` has a head with a time, `levelled` one without; `text` is what no recogniser knew: its
 * message is the line as it came.
 */
export type LineFormat = 'json' | 'logfmt' | 'syslog' | 'access' | 'container' | 'klog' | 'timed' | 'levelled' | 'text';

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

/** A line as a recogniser reads it: what its time was inferred from, where it says less than an instant. */
export type ReadLine = {
  timeMs?: number | undefined;
  inferredFrom?: string | undefined;
  level?: Level | undefined;
  message: string;
  service?: string | undefined;
  attributes?: Attributes | undefined;
  traceId?: string | undefined;
  spanId?: string | undefined;
  format: LineFormat;
};

/** Reads a line of its format, or says that it is none. What is wrapped in it goes to `inner`. */
export type Recogniser = (
  text: string,
  context: TimeContext,
  inner: (text: string) => ReadLine,
) => ReadLine | undefined;
