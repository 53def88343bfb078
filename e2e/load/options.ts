import { parseArgs } from 'node:util';
import { z } from 'zod';
import { FILTERS_MAX } from './filter-mix.ts';
import { PROFILE_NAMES, PROFILES, type Profile } from './profiles.ts';
import { parseStages } from './stage-plan.ts';
import { DEFAULT_THRESHOLDS, type Thresholds } from './verdict.ts';

export type LoadOptions = Omit<Profile, 'says'> & {
  readonly profile: string;
  /** Absent: a server of its own. */
  readonly url: string | undefined;
  readonly pid: number | undefined;
  readonly token: string | undefined;
  readonly keep: boolean;
  readonly acks: boolean;
  readonly workers: number;
  readonly report: string | undefined;
  readonly json: string | undefined;
  readonly thresholds: Thresholds;
};

const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const limit = z.coerce.number().min(0);

/** Each option with its sentence for `--help`; flags have no schema. */
const OPTIONS = {
  url: [
    z.string().regex(/^http:\/\/[^/]+\/?$/, 'expected such as http://127.0.0.1:3000'),
    'a running server; without it one is started in a temporary directory, and stopped at the end',
  ],
  pid: [whole(1, 2 ** 31), 'its process on this machine, for CPU and memory; without it what it says of itself'],
  token: [z.string().min(1), 'sent as Authorization: Bearer … where figures are read'],
  keep: [undefined, 'the server that was started is left running'],
  profile: [z.enum(PROFILE_NAMES), `what to do: ${PROFILE_NAMES.join(', ')}; the options below change parts of it`],
  viewers: [whole(0, 1_000_000), 'streams held open'],
  slow: [whole(0, 10_000), 'more streams, which read slowly'],
  'slow-bytes': [whole(100, 1e9), 'bytes a second that a slow one reads'],
  rate: [whole(0, 1_000_000), 'events a second, over all publishers'],
  publishers: [whole(1, 100), 'publishers'],
  churn: [whole(0, 100_000), 'connects a second that break off at once'],
  'churn-total': [whole(1, 1e9), 'the hold stage ends after so many; with --churn 0 as fast as it goes'],
  storms: [whole(0, 100), 'times that all viewers are dropped at once during the hold stage'],
  filters: [whole(1, FILTERS_MAX), `different filters, spread over the viewers (up to ${FILTERS_MAX})`],
  query: [z.string().max(2000), 'instead of these one query for all, such as "level=error"'],
  'no-acks': [undefined, 'viewers send no acknowledgements'],
  workers: [whole(1, 64), 'processes that the viewers are spread over'],
  stage: [z.string(), 'lengths, such as "ramp=20s,hold=1m,cool=10s"'],
  report: [z.string().min(1), 'where the HTML report goes; without it a temporary file, whose path is printed'],
  json: [z.string().min(1), 'where all figures go as JSON'],
  'max-p99': [limit, 'fails when the 99th percentile of end-to-end latency is above, in ms'],
  'max-lost': [limit, 'fails when more events are lost'],
  'max-repeated': [limit, 'fails when more events come twice'],
  'max-errors': [limit, 'fails when more than so many per cent of all attempts go wrong'],
  'max-resume': [limit, 'fails when it takes longer, in s, until all are back after a storm, or have the last event'],
  'max-herd': [limit, 'fails when the busiest second after a storm is more than so many times the mean'],
  help: [undefined, 'this'],
} as const satisfies Record<string, readonly [z.ZodType | undefined, string]>;
type Name = keyof typeof OPTIONS;

/** Reads the command line. Throws an Error whose message is a sentence; 'help' when that is asked for. */
export function parseOptions(args: readonly string[]): LoadOptions | 'help' {
  const values = readArguments(args);
  if (values['help']) return 'help';
  const given = <T>(name: Name): T | undefined => readOne(name, values[name]) as T | undefined;
  const profile = given<keyof typeof PROFILES>('profile') ?? 'default';
  const base: Profile = PROFILES[profile];
  const stage = given<string>('stage');
  const url = given<string>('url')?.replace(/\/$/, '');
  if (url !== undefined && values['keep'])
    throw new Error('--keep is for a server that the run starts itself, not for --url');
  const churnTotal = given<number>('churn-total') ?? base.churnTotal;
  const query = given<string>('query') ?? base.query;
  return {
    profile,
    url,
    pid: given('pid'),
    token: given('token'),
    keep: values['keep'] === true,
    viewers: given('viewers') ?? base.viewers,
    slow: given('slow') ?? base.slow,
    slowBytes: given('slow-bytes') ?? base.slowBytes,
    rate: given('rate') ?? base.rate,
    publishers: given('publishers') ?? base.publishers,
    churn: given('churn') ?? base.churn,
    ...(churnTotal !== undefined && { churnTotal }),
    storms: given('storms') ?? base.storms,
    filters: given('filters') ?? base.filters,
    ...(query !== undefined && { query }),
    warm: base.warm,
    acks: values['no-acks'] !== true,
    workers: given('workers') ?? 1,
    stages: stage === undefined ? base.stages : parseStages(stage, base.stages),
    settings: base.settings,
    report: given('report'),
    json: given('json'),
    thresholds: readThresholds(given),
  };
}

function readThresholds(given: (name: Name) => number | undefined): Thresholds {
  const { p99Ms, lost, repeated, errorPercent, resumeS, herd } = DEFAULT_THRESHOLDS;
  return {
    p99Ms: given('max-p99') ?? p99Ms,
    lost: given('max-lost') ?? lost,
    repeated: given('max-repeated') ?? repeated,
    errorPercent: given('max-errors') ?? errorPercent,
    resumeS: given('max-resume') ?? resumeS,
    herd: given('max-herd') ?? herd,
  };
}

function readArguments(args: readonly string[]): Readonly<Record<string, string | boolean | undefined>> {
  const types = Object.entries(OPTIONS).map(([name, [schema]]) => [name, { type: schema ? 'string' : 'boolean' }]);
  try {
    return parseArgs({ args: [...args], options: Object.fromEntries(types), strict: true }).values as Record<
      string,
      string
    >;
  } catch (error) {
    throw new Error(`${(error as Error).message.split('. ')[0]}; --help tells what there is`);
  }
}

function readOne(name: Name, text: string | boolean | undefined): unknown {
  const [schema] = OPTIONS[name];
  if (text === undefined || schema === undefined) return undefined;
  const parsed = schema.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new Error(`--${name}: ${parsed.error.issues[0]?.message ?? 'not understood'}, got "${String(text)}"`);
}

export function help(): string {
  const options = Object.entries(OPTIONS).map(([name, [schema, says]]) => {
    const left = `  --${name}${schema ? ' …' : ''}`;
    return `${left.padEnd(20)}${says}${defaultOf(name)}`;
  });
  const profiles = Object.entries(PROFILES).map(([name, { says }]) => `  ${name.padEnd(18)}${says}`);
  return [
    'npm run load -- [options]',
    '',
    'Puts viewers, publishers, slow readers and broken connections on a server, checks for every viewer that nothing is',
    'lost or comes twice, and ends with figures, a verdict, the likely bottleneck and a report with charts.',
    '',
    'Profiles:',
    ...profiles,
    '',
    'Options:',
    ...options,
    '',
    'Exit code: 0 when all thresholds hold, 1 when one does not, 2 when the options make no sense.',
    '',
  ].join('\n');
}

function defaultOf(name: string): string {
  const key = name.replace(/-(\w)/g, (_all, letter: string) => letter.toUpperCase());
  const standard: Readonly<Record<string, unknown>> = { ...PROFILES.default, workers: 1, profile: 'default' };
  const thresholds: Readonly<Record<string, number>> = {
    maxP99: DEFAULT_THRESHOLDS.p99Ms,
    maxLost: DEFAULT_THRESHOLDS.lost,
    maxRepeated: DEFAULT_THRESHOLDS.repeated,
    maxErrors: DEFAULT_THRESHOLDS.errorPercent,
    maxResume: DEFAULT_THRESHOLDS.resumeS,
    maxHerd: DEFAULT_THRESHOLDS.herd,
  };
  const value = standard[key] ?? thresholds[key];
  return value === undefined ? '' : ` (${String(value)})`;
}
