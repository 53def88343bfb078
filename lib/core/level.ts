/** Log levels from least to most severe; the index is the rank that filters compare and the history stores. */
export const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'] as const;
export type Level = (typeof LEVELS)[number];

/** The rank of a metric, which has no level and therefore never reaches a minimum level. */
export const RANK_NONE = -1;

/** A Map: an object would also know "constructor". */
const ALIASES: ReadonlyMap<string, Level> = new Map(
  Object.entries({
    verbose: 'trace',
    finest: 'trace',
    finer: 'trace',
    fine: 'debug',
    dbg: 'debug',
    information: 'info',
    informational: 'info',
    notice: 'info',
    log: 'info',
    warning: 'warn',
    err: 'error',
    severe: 'error',
    critical: 'fatal',
    crit: 'fatal',
    alert: 'fatal',
    emerg: 'fatal',
    emergency: 'fatal',
    panic: 'fatal',
  } satisfies Record<string, Level>),
);

export function isLevel(text: string): text is Level {
  return (LEVELS as readonly string[]).includes(text);
}

export function rankOf(level: Level): number {
  return LEVELS.indexOf(level);
}

/** Reads the names other loggers use ("WARNING", "crit") and pino's and bunyan's numbers (10 … 60). */
export function parseLevel(input: string | number): Level | undefined {
  if (typeof input === 'number') return LEVELS[Math.round(input / 10) - 1];
  const text = input.trim().toLowerCase();
  return isLevel(text) ? text : ALIASES.get(text);
}
