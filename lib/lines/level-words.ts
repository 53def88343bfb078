import type { Level } from '@/lib/core/level.ts';

/** What loggers write for a level. Words that sentences use as well count only where they are marked as a level. */
const WORDS: Readonly<Record<Level, { clear: string; doubtful: string }>> = {
  trace: { clear: 'trace trce trc verbose vrb finest finer silly', doubtful: 'trac' },
  debug: { clear: 'debug dbug dbg debug1 debug2 debug3 debug4 debug5', doubtful: 'debu fine config' },
  info: { clear: 'info inf information informational notice', doubtful: 'log note success system' },
  warn: { clear: 'warn warning wrn', doubtful: '' },
  error: { clear: 'error err severe failure', doubtful: 'erro fail' },
  fatal: { clear: 'fatal ftl critical crit emerg emergency panic', doubtful: 'fata pani alert' },
};

export type LevelWord = {
  readonly level: Level;
  readonly isDoubtful: boolean;
  readonly isUpper: boolean;
  /** The word says more than the level that it is put under: a notice is more than an info. */
  readonly isFiner: boolean;
};

const FINER = new Set(
  'finest finer silly fine config notice success severe failure emerg emergency panic alert'.split(' '),
);

/** In the three ways of writing that occur, so that nobody has to fold a word to ask. */
const LEVEL_WORDS: ReadonlyMap<string, LevelWord> = new Map(
  Object.entries(WORDS).flatMap(([level, { clear, doubtful }]) =>
    [...clear.split(' '), ...doubtful.split(' ')].filter(Boolean).flatMap((word) => {
      const isDoubtful = !clear.split(' ').includes(word);
      const known = { level: level as Level, isDoubtful, isFiner: FINER.has(word) };
      const upper: [string, LevelWord] = [word.toUpperCase(), { ...known, isUpper: true }];
      const others = [word, upper[0].charAt(0) + word.slice(1)];
      return [upper, ...others.map((way): [string, LevelWord] => [way, { ...known, isUpper: false }])];
    }),
  ),
);

export const LEVEL_WORD_CHARS_MAX = 13;

export function levelWord(word: string): LevelWord | undefined {
  return LEVEL_WORDS.get(word);
}

/** The letters of glog, Android, Ruby's and Tornado's logger and MongoDB. */
export function levelOfLetter(letter: string): Level | undefined {
  return LETTERS.get(letter);
}

const LETTERS: ReadonlyMap<string, Level> = new Map([
  ['T', 'trace'],
  ['V', 'trace'],
  ['D', 'debug'],
  ['I', 'info'],
  ['N', 'info'],
  ['W', 'warn'],
  ['E', 'error'],
  ['F', 'fatal'],
  ['C', 'fatal'],
  ['A', 'fatal'],
]);

/** The facilities of syslog, 0 to 23. */
export const FACILITIES = (
  'kern user mail daemon auth syslog lpr news uucp cron authpriv ftp ntp audit alert clock ' +
  'local0 local1 local2 local3 local4 local5 local6 local7'
).split(' ');

/** The severities of syslog, 0 to 7. */
export const SEVERITIES = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;
const SEVERITY_LEVELS: readonly Level[] = ['fatal', 'fatal', 'fatal', 'error', 'warn', 'info', 'info', 'debug'];

export function levelOfSeverity(severity: number): Level | undefined {
  return SEVERITY_LEVELS[severity];
}

/** What an answer with this status means to whoever looks after the server. */
export function levelOfStatus(status: number): Level {
  return status >= 500 ? 'error' : status >= 400 ? 'warn' : 'info';
}
