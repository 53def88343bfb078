import type { Level } from '@/lib/core/level.ts';

/** RFC 5424 §6.2.1, by their numbers. */
const FACILITIES = [
  ...['kern', 'user', 'mail', 'daemon', 'auth', 'syslog', 'lpr', 'news', 'uucp', 'cron', 'authpriv', 'ftp'],
  ...['ntp', 'audit', 'alert', 'clock', 'local0', 'local1', 'local2', 'local3', 'local4', 'local5', 'local6', 'local7'],
] as const;

const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;
const LEVELS: readonly Level[] = ['fatal', 'fatal', 'fatal', 'error', 'warn', 'info', 'info', 'debug'];

export type Priority = { readonly facility: string; readonly severity: string; readonly level: Level };

/** Every PRI there is, made once. */
const PRIORITIES: readonly Priority[] = FACILITIES.flatMap((facility) =>
  SEVERITIES.map((severity, index) => ({ facility, severity, level: LEVELS[index] ?? 'info' })),
);

/** What a PRI means (RFC 5424 §6.2.1: facility × 8 + severity); undefined beyond 191. */
export function priorityOf(number: number): Priority | undefined {
  return PRIORITIES[number];
}

/** The level of a syslog severity, 0 to 7. */
export function levelOfSeverity(severity: number): Level | undefined {
  return LEVELS[severity];
}
