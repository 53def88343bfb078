import pino, { type Logger } from 'pino';

export type { Logger } from 'pino';

/** What opens a door. Nobody logs it on purpose; this is for the object that is logged whole one day. */
const NAMES = [
  ...['authorization', 'cookie', 'password', 'secret', 'token', 'once', 'clientSecret', 'digest', 'forwardSharedKey'],
];
const QUOTED = ['Authorization', 'Cookie', 'set-cookie', 'x-api-key', 'x-seq-apikey'].map((name) => `["${name}"]`);
const SECRETS = [
  ...NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`, `*.*.*.${name}`]),
  ...QUOTED.flatMap((name) => [name, `*${name}`, `*.*${name}`]),
];

/**
 * Tailrace's own log: JSON lines on standard output, and the same lines into the journal.
 * @param journalStream takes a line; must not throw
 */
export function createLogger(level: string, journalStream: { write(line: string): void }): Logger {
  const streams = [
    { level: 'trace' as const, stream: process.stdout },
    { level: 'trace' as const, stream: journalStream },
  ];
  return pino(
    {
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRETS, censor: '[redacted]' },
    },
    pino.multistream(streams),
  );
}
