import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { type Environment, serviceOption, stateDirOf } from '../agent/follow-options.ts';
import { serverOptions, type Wrong, wholeNumber, wrongArguments, wrongOption } from '../server-options.ts';

const MIB = 1024 * 1024;
const SPOOL_BYTES_DEFAULT = 256 * MIB;
const SPOOL_BYTES_MIN = MIB;
const DRAIN_S_DEFAULT = 5;

export const PIPE_HELP = `… | tailrace pipe [options]                    passes text through, and sends its lines to a server
tailrace pipe [options] -- COMMAND [ARG…]  the same for what a command writes; ends as the command ends

  --url URL            the server (http://127.0.0.1:3000)
  --token TOKEN        sent as "Authorization: Bearer TOKEN" (TAILRACE_TOKEN)
  --service NAME       of all events; without it what a line says, else the command's name, or "pipe"
  --quiet              passes nothing through
  --spool-bytes N      what may wait on the disk while the server is away; beyond it the oldest goes (${SPOOL_BYTES_DEFAULT})
  --state DIR          where it waits (XDG_STATE_HOME/tailrace)
  --drain-seconds N    how long the end waits for the server (${DRAIN_S_DEFAULT}); what is left goes with the next run
  --help, -h           this text

Every piece is on its way to the reader at once, and in a file before it is sent: what was written there survives a kill -9
and goes with the next run with the same server and service, in its order. The attribute "stream" tells stdout from stderr
of a command; its level is what the line says.

Ends with 0 at the end of its input when all was stored or waits on the disk, 1 when lines were lost, 2 for a wrong option.
The first Ctrl-C is left to the writer, whose last words still count; a second one, or SIGTERM, ends reading. When nobody
reads its output any more it stops reading too, and the writer notices as it would without it. With a command: signals go
to the command, and the exit code or signal is the command's (126 and 127 when it could not be started).
`;

export type PipeOptions = {
  readonly url: string;
  readonly token: string | undefined;
  readonly service: string | undefined;
  readonly serviceElse: string;
  readonly isQuiet: boolean;
  readonly spoolBytesMax: number;
  readonly stateDir: string;
  readonly drainMs: number;
  /** Undefined: standard input. */
  readonly command: readonly [string, ...string[]] | undefined;
};

export type ParsedPipe = { readonly kind: 'run'; readonly options: PipeOptions } | { readonly kind: 'help' } | Wrong;

const { url, token } = serverOptions;
const schema = z.object({
  url,
  token,
  service: serviceOption,
  quiet: z.boolean().default(false),
  'spool-bytes': wholeNumber(1e12)
    .refine((bytes) => bytes >= SPOOL_BYTES_MIN, `expected at least ${SPOOL_BYTES_MIN}`)
    .default(SPOOL_BYTES_DEFAULT),
  state: z.string().min(1, 'expected a directory').optional(),
  'drain-seconds': wholeNumber(86_400).default(DRAIN_S_DEFAULT),
});

/** @param args without the name of the command */
export function parsePipe(args: readonly string[], environment: Environment): ParsedPipe {
  let split: ReturnType<typeof splitPipe>;
  try {
    split = splitPipe(args);
  } catch (error) {
    return wrongArguments(error);
  }
  const { values, command } = split;
  if (values.help) return { kind: 'help' };
  const parsed = schema.safeParse({ ...values, token: values.token ?? environment['TAILRACE_TOKEN'] });
  if (!parsed.success) return wrongOption(parsed.error);
  const [program, ...rest] = command ?? [];
  if (command && program === undefined) return { kind: 'wrong', problem: 'expected a command after --' };
  const { data } = parsed;
  const options = {
    url: data.url,
    token: data.token,
    service: data.service,
    serviceElse: program === undefined ? 'pipe' : basename(program),
    isQuiet: data.quiet,
    spoolBytesMax: data['spool-bytes'],
    stateDir: data.state ?? stateDirOf(environment),
    drainMs: data['drain-seconds'] * 1000,
    command: program === undefined ? undefined : ([program, ...rest] as const),
  };
  return { kind: 'run', options };
}

/** Throws for what it does not know. */
function splitPipe(args: readonly string[]) {
  const dashes = args.indexOf('--');
  const { values } = parseArgs({
    args: dashes === -1 ? [...args] : args.slice(0, dashes),
    allowPositionals: false,
    options: {
      url: { type: 'string' },
      token: { type: 'string' },
      service: { type: 'string' },
      quiet: { type: 'boolean' },
      'spool-bytes': { type: 'string' },
      state: { type: 'string' },
      'drain-seconds': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  return { values, command: dashes === -1 ? undefined : args.slice(dashes + 1) };
}
