import { parseArgs } from 'node:util';
import { z } from 'zod';
import { isPlace, PLACE_EXPECTED } from '@/lib/client/node/place.ts';
import { CLIENT_TRANSPORTS, type ClientTransport } from '@/lib/core/client-transport.ts';
import { KINDS } from '@/lib/core/event.ts';
import { parseAgeMs } from '@/lib/core/event-time.ts';
import { FILTER_SERVICES_MAX, FILTER_TEXT_CHARS_MAX, type Filter } from '@/lib/core/filter.ts';
import { LEVELS } from '@/lib/core/level.ts';
import { serverOptions, type Wrong, wholeNumber, wrongArguments, wrongOption } from './server-options.ts';

export const TAIL_HELP = `tailrace tail [options]   prints events of a running server as they come

  --url URL          the server (http://127.0.0.1:3000)
  --level LEVEL      logs of this level and above: ${LEVELS.join(', ')}
  --service NAME     of this service; may be given more than once
  --kind KIND        ${KINDS.join(' or ')}
  --q TEXT           with this text in message, name or attributes
  --lines N, -n N    begin with the newest N that match (10)
  --from WHERE       begin here instead: now, a position, an ISO time, or an age such as -15m
  --transport NAME   auto, ${CLIENT_TRANSPORTS.join(', ')} (auto)
  --json             one event a line, as JSON
  --color            colours even where the output is no terminal; --no-color: none
  --token TOKEN      sent as "Authorization: Bearer TOKEN"
  --wait SECONDS     give up when the server has not been reached for so long at the start (never)
  --help, -h         this text

Ends with 0 when its output is closed, 1 when the server cannot be reached or ends the stream for good, 2 for a wrong
option, 130 on Ctrl-C. What is no event (a gap, a lost connection) is told on standard error.
`;

export type TailOptions = {
  readonly url: string;
  readonly filter: Filter;
  /** Undefined: begin with the newest `lines`. */
  readonly from: string | undefined;
  readonly lines: number;
  readonly transport: ClientTransport | 'auto';
  readonly json: boolean;
  /** Undefined: colours on a terminal. */
  readonly color: boolean | undefined;
  readonly token: string | undefined;
  /** Undefined: for ever. */
  readonly waitMs: number | undefined;
};

/** What the command line asks for; `problem` is a sentence for who typed it. */
export type ParsedTail = { readonly kind: 'run'; readonly options: TailOptions } | { readonly kind: 'help' } | Wrong;

const LINES_DEFAULT = 10;
/** What one page of the history holds. */
const LINES_MAX = 5_000;

const schema = z.object({
  ...serverOptions,
  level: z.enum(LEVELS, `expected one of ${LEVELS.join(', ')}`).optional(),
  service: z.array(z.string().min(1, 'expected a name')).max(FILTER_SERVICES_MAX).optional(),
  kind: z.enum(KINDS, `expected ${KINDS.join(' or ')}`).optional(),
  q: z.string().min(1, 'expected a text').max(FILTER_TEXT_CHARS_MAX).optional(),
  lines: wholeNumber(LINES_MAX).optional(),
  from: z.string().refine(isPlace, PLACE_EXPECTED).optional(),
  transport: z.enum(['auto', ...CLIENT_TRANSPORTS], `expected auto, ${CLIENT_TRANSPORTS.join(', ')}`).default('auto'),
  json: z.boolean().default(false),
  color: z.boolean().optional(),
});

/** @param args without the name of the command */
export function parseTail(args: readonly string[]): ParsedTail {
  let values: ReturnType<typeof split>;
  try {
    values = split(args);
  } catch (error) {
    return wrongArguments(error);
  }
  if (values.help) return { kind: 'help' };
  const parsed = schema.safeParse(values);
  if (!parsed.success) return wrongOption(parsed.error);
  const { url, level, service, kind, q, lines, from, transport, json, color, token, wait } = parsed.data;
  if (from !== undefined && lines !== undefined) {
    return { kind: 'wrong', problem: '--from and --lines both say where to begin: use one of them' };
  }
  const filter: Filter = {
    ...(kind && { kind }),
    ...(service && { services: service }),
    ...(level && { level }),
    ...(q && { q }),
  };
  const waitMs = wait === undefined ? undefined : wait * 1000;
  const options = { url, filter, from, lines: lines ?? LINES_DEFAULT, transport, json, color, token, waitMs };
  return { kind: 'run', options };
}

/** Throws for what it does not know. */
function split(args: readonly string[]) {
  const { values } = parseArgs({
    args: withValues(args),
    allowPositionals: false,
    allowNegative: true,
    options: {
      url: { type: 'string' },
      level: { type: 'string' },
      service: { type: 'string', multiple: true },
      kind: { type: 'string' },
      q: { type: 'string' },
      lines: { type: 'string', short: 'n' },
      from: { type: 'string' },
      transport: { type: 'string' },
      json: { type: 'boolean' },
      color: { type: 'boolean' },
      token: { type: 'string' },
      wait: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  return values;
}

/** `--from -15m`: parseArgs takes a value that begins with a dash only as `--from=-15m`. */
function withValues(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    if (joined.at(-1) === '--from' && parseAgeMs(arg) !== undefined) joined[joined.length - 1] = `--from=${arg}`;
    else joined.push(arg);
  }
  return joined;
}
