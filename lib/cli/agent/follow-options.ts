import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { NAME_CHARS_MAX } from '@/lib/core/event.ts';
import { serverOptions, type Wrong, wrongArguments, wrongOption } from '../server-options.ts';
import { LINE_FORMATS, type LineFormat } from './line-format.ts';

export const FOLLOW_HELP = `tailrace tail [options] FILE…      sends the lines of files to a server, and goes on as they grow
tailrace tail [options] --journal  sends what systemd's journal gets (journalctl is asked)

  FILE               a name, or a quoted pattern ("/var/log/*.log", "logs/**/*.log"): files that match it later are
                     followed as well; rotated files are read to their end, truncated ones from their start
  --url URL          the server (http://127.0.0.1:3000)
  --token TOKEN      sent as "Authorization: Bearer TOKEN" (TAILRACE_TOKEN)
  --service NAME     of all events; without it what a line says, else the file's name, its container's, or the unit's
  --from-start       begin at the start of files that nobody remembers (at their end)
  --forget           remember nothing of earlier runs
  --once             read to the end, also what is compressed (.gz), and end; begins at the start
  --format FORMAT    how lines are wrapped: auto, ${LINE_FORMATS.join(', ')} (auto: the first line tells)
  --unit UNIT, -u U  with --journal: only of this unit; may be given more than once
  --state DIR        where it is remembered how far each file was sent (XDG_STATE_HOME/tailrace)
  --wait SECONDS     give up when the server has taken nothing for so long (never)
  --help, -h         this text

A file is followed by its inode and its first bytes, whatever its name. How far it was sent is written down when the server
has stored it, so that nothing is lost or sent twice when this command or the server ends in between, killed or not. Lines
that belong together (stack traces) become one event; a line counts when it has its line end. With a truncated file
(copytruncate) goes what nobody had read before; do not give a pattern that matches the copies.

Ends with 0 when told to, or with --once when all was sent; 1 when it gave up or a file could not be read; 2 for a wrong
option; 130 on Ctrl-C. Lines that the server refuses are told on standard error, and stop nothing.
`;

export type FollowOptions = {
  readonly files: readonly string[];
  /** Undefined: files. */
  readonly journal: { readonly units: readonly string[] } | undefined;
  readonly url: string;
  readonly token: string | undefined;
  readonly service: string | undefined;
  readonly fromStart: boolean;
  readonly forget: boolean;
  readonly once: boolean;
  /** Undefined: as the first line tells. */
  readonly format: LineFormat | undefined;
  readonly stateDir: string;
  readonly waitMs: number | undefined;
};

export type ParsedFollow =
  | { readonly kind: 'run'; readonly options: FollowOptions }
  | { readonly kind: 'help' }
  | Wrong;

export type Environment = Readonly<Record<string, string | undefined>>;

export const serviceOption = z
  .string()
  .min(1, 'expected a name')
  .max(NAME_CHARS_MAX, 'expected a shorter name')
  .optional();

const schema = z.object({
  ...serverOptions,
  service: serviceOption,
  'from-start': z.boolean().default(false),
  forget: z.boolean().default(false),
  once: z.boolean().default(false),
  journal: z.boolean().default(false),
  unit: z.array(z.string().min(1, 'expected a name')).optional(),
  format: z.enum(['auto', ...LINE_FORMATS], `expected auto, ${LINE_FORMATS.join(', ')}`).default('auto'),
  state: z.string().min(1, 'expected a directory').optional(),
});

/**
 * @param args without the name of the command
 * @param environment of which TAILRACE_TOKEN, XDG_STATE_HOME and HOME count
 */
export function parseFollow(args: readonly string[], environment: Environment): ParsedFollow {
  let split: ReturnType<typeof splitFollow>;
  try {
    split = splitFollow(args);
  } catch (error) {
    return wrongArguments(error);
  }
  const { values, positionals } = split;
  if (values.help) return { kind: 'help' };
  const parsed = schema.safeParse({ ...values, token: values.token ?? environment['TAILRACE_TOKEN'] });
  if (!parsed.success) return wrongOption(parsed.error);
  const { url, token, service, once, journal, unit, format, state, wait, forget } = parsed.data;
  const problem = contradiction({ files: positionals.length, journal, unit: unit !== undefined, format, once });
  if (problem !== undefined) return { kind: 'wrong', problem };
  const unread = once ? undefined : positionals.find((path) => path.endsWith('.gz'));
  if (unread !== undefined) return { kind: 'wrong', problem: `${unread}: a compressed file is read whole: use --once` };
  const options = {
    files: positionals,
    journal: journal ? { units: unit ?? [] } : undefined,
    url,
    token,
    service,
    fromStart: parsed.data['from-start'],
    forget,
    once,
    format: format === 'auto' ? undefined : format,
    stateDir: state ?? stateDirOf(environment),
    waitMs: wait === undefined ? undefined : wait * 1000,
  };
  return { kind: 'run', options };
}

/** Whether the arguments of `tail` name files, or the journal: without them it reads from a server. */
export function sendsFiles(args: readonly string[]): boolean {
  const isPlain = { type: 'string' } as const;
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    strict: false,
    options: {
      ...FOLLOW_ARGUMENTS,
      // Those of the other `tail` that take a value, which is no file.
      ...{ level: isPlain, kind: isPlain, q: isPlain, from: isPlain, transport: isPlain },
      lines: { type: 'string', short: 'n' },
    },
  });
  return positionals.length > 0 || values['journal'] === true;
}

/** Where the commands remember things between two runs (XDG Base Directory Specification). */
export function stateDirOf(environment: Environment): string {
  const base = environment['XDG_STATE_HOME'];
  return join(base?.startsWith('/') ? base : join(environment['HOME'] || homedir(), '.local', 'state'), 'tailrace');
}

type Asked = { files: number; journal: boolean; unit: boolean; format: string; once: boolean };

function contradiction({ files, journal, unit, format }: Asked): string | undefined {
  if (journal && files > 0) return '--journal and files are two commands: give one of them';
  if (journal && format !== 'auto') return '--format is about files: journalctl says how its lines are wrapped';
  if (unit && !journal) return '--unit goes with --journal';
  return undefined;
}

const FOLLOW_ARGUMENTS = {
  url: { type: 'string' },
  token: { type: 'string' },
  service: { type: 'string' },
  'from-start': { type: 'boolean' },
  forget: { type: 'boolean' },
  once: { type: 'boolean' },
  journal: { type: 'boolean' },
  unit: { type: 'string', short: 'u', multiple: true },
  format: { type: 'string' },
  state: { type: 'string' },
  wait: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Throws for what it does not know. */
function splitFollow(args: readonly string[]) {
  return parseArgs({ args: [...args], allowPositionals: true, options: FOLLOW_ARGUMENTS });
}
