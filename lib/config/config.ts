import { join, resolve } from 'node:path';
import { z } from 'zod';

const KIB = 1024;
const MIB = 1024 * KIB;
const HOUR_MS = 3_600_000;

const integer = (min: number, max: number) => z.coerce.number().int().min(min).max(max);
const flag = z
  .enum(['1', 'true', 'yes', 'on', '0', 'false', 'no', 'off', ''])
  .transform((text) => ['1', 'true', 'yes', 'on'].includes(text));

export const SOURCE_NAMES = ['host', 'process', 'log'] as const;
export type SourceName = (typeof SOURCE_NAMES)[number];

/** `none`, or names with commas between. */
const sources = z.string().transform((text, context): SourceName[] => {
  const names = text === 'none' ? [] : text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !(SOURCE_NAMES as readonly string[]).includes(name));
  if (unknown === undefined) return [...new Set(names as SourceName[])];
  context.addIssue({
    code: 'custom',
    message: `expected "none" or some of ${SOURCE_NAMES.join(', ')}, got "${unknown}"`,
  });
  return z.NEVER;
});

/**
 * Every setting: its variable, default and meaning, in one place. The README's table is made from it, and
 * no other file of lib, app or components reads `process.env`.
 */
export const SETTINGS = {
  PORT: integer(0, 65_535)
    .default(3000)
    .describe('Port of the dashboard, the API and the streams; 0 takes a free one.'),
  HOST: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
  DATABASE_URL: z
    .string()
    .regex(/^file:/, 'expected "file:" and a path; other databases are not supported yet')
    .optional()
    .describe('The history database. Absent: `tailrace.db` in the data directory.'),
  TAILRACE_DATA_DIR: z.string().min(1).default('data').describe('Where the history is kept.'),
  TAILRACE_DEMO: flag
    .default(false)
    .describe('`1` adds a synthetic shop, labelled as such. Also: `npm start -- --demo`.'),
  TAILRACE_DEMO_RATE: integer(1, 100_000).default(40).describe('Log lines a second of the synthetic shop.'),
  TAILRACE_DEMO_SEED: integer(0, 2 ** 31)
    .default(1)
    .describe('Seed of the synthetic shop.'),
  TAILRACE_SOURCES: sources
    .default([...SOURCE_NAMES])
    .describe('Built-in sources: `host`, `process`, `log`, with commas between, or `none`.'),
  TAILRACE_HEARTBEAT_MS: integer(100, 10 * 60_000)
    .default(15_000)
    .describe('Longest silence of a stream, in ms.'),
  TAILRACE_RETRY_MS: integer(10, 10 * 60_000)
    .default(2000)
    .describe('Mean reconnection delay that browsers are told, in ms; each gets 0.5 to 1.5 times as much.'),
  TAILRACE_CONNECTIONS_MAX: integer(1, 1_000_000).default(10_000).describe('Open streams at most.'),
  TAILRACE_RING_EVENTS: integer(100, 10_000_000).default(50_000).describe('Newest events kept in memory, at most.'),
  TAILRACE_RING_BYTES: integer(64 * KIB, 64 * 1024 * MIB)
    .default(64 * MIB)
    .describe('Memory for the newest events, in bytes.'),
  TAILRACE_RETENTION_HOURS: z.coerce.number().positive().default(168).describe('Events are kept so long, in hours.'),
  TAILRACE_RETENTION_BYTES: integer(MIB, 2 ** 50)
    .default(4 * 1024 * MIB)
    .describe('Largest size of the history, in bytes; beyond it the oldest events go.'),
  TAILRACE_SYNCHRONOUS: z
    .enum(['full', 'normal'])
    .default('full')
    .describe('`full`: acknowledged events survive a power cut. `normal`: they survive `kill -9` only.'),
  TAILRACE_INGEST_JSON_BYTES: integer(KIB, 1024 * MIB)
    .default(8 * MIB)
    .describe('Largest JSON body, in bytes after decompression.'),
  TAILRACE_INGEST_STREAM_BYTES: integer(KIB, 2 ** 50)
    .default(1024 * MIB)
    .describe('Largest NDJSON body, in bytes after decompression; it is never held in memory.'),
  TAILRACE_SERIES_MAX: integer(1, 1_000_000)
    .default(10_000)
    .describe('Metric series at most; samples of others are not charted.'),
  TAILRACE_DRAIN_MS: integer(0, 20_000)
    .default(3000)
    .describe('On SIGTERM the goodbyes are spread over so long, in ms.'),
  TAILRACE_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe("Level of Tailrace's own log."),
} as const;

const settingsSchema = z.object(SETTINGS);

export type Config = {
  readonly port: number;
  readonly host: string;
  readonly databaseUrl: string;
  readonly dataDir: string;
  /** Where the program's own files lie: migrations and the built history thread. */
  readonly homeDir: string;
  readonly demo: { readonly ratePerSecond: number; readonly seed: number } | undefined;
  readonly sources: readonly SourceName[];
  readonly heartbeatMs: number;
  readonly retryMs: number;
  readonly connectionsMax: number;
  readonly ring: { readonly eventsMax: number; readonly bytesMax: number };
  readonly retention: { readonly ageMs: number; readonly bytesMax: number };
  readonly synchronous: 'full' | 'normal';
  readonly ingest: { readonly jsonBytesMax: number; readonly streamBytesMax: number };
  readonly seriesMax: number;
  readonly drainMs: number;
  readonly logLevel: string;
};

/**
 * Parses the settings once, at the start. Throws an Error that names every variable that is wrong.
 * @param homeDir the folder of package.json
 */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>, homeDir: string): Config {
  const given = Object.fromEntries(
    Object.keys(SETTINGS).flatMap((name) => (environment[name]?.trim() ? [[name, environment[name].trim()]] : [])),
  );
  const parsed = settingsSchema.safeParse(given);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${String(issue.path[0])}: ${issue.message}`);
    throw new Error(`The settings are not usable.\n  ${problems.join('\n  ')}`);
  }
  const settings = parsed.data;
  const dataDir = resolve(homeDir, settings.TAILRACE_DATA_DIR);
  return {
    port: settings.PORT,
    host: settings.HOST,
    databaseUrl: settings.DATABASE_URL ?? `file:${join(dataDir, 'tailrace.db')}`,
    dataDir,
    homeDir,
    demo: settings.TAILRACE_DEMO
      ? { ratePerSecond: settings.TAILRACE_DEMO_RATE, seed: settings.TAILRACE_DEMO_SEED }
      : undefined,
    sources: settings.TAILRACE_SOURCES,
    heartbeatMs: settings.TAILRACE_HEARTBEAT_MS,
    retryMs: settings.TAILRACE_RETRY_MS,
    connectionsMax: settings.TAILRACE_CONNECTIONS_MAX,
    ring: { eventsMax: settings.TAILRACE_RING_EVENTS, bytesMax: settings.TAILRACE_RING_BYTES },
    retention: { ageMs: settings.TAILRACE_RETENTION_HOURS * HOUR_MS, bytesMax: settings.TAILRACE_RETENTION_BYTES },
    synchronous: settings.TAILRACE_SYNCHRONOUS,
    ingest: {
      jsonBytesMax: settings.TAILRACE_INGEST_JSON_BYTES,
      streamBytesMax: settings.TAILRACE_INGEST_STREAM_BYTES,
    },
    seriesMax: settings.TAILRACE_SERIES_MAX,
    drainMs: settings.TAILRACE_DRAIN_MS,
    logLevel: settings.TAILRACE_LOG_LEVEL,
  };
}

/** The settings of this process. */
export function readConfig(): Config {
  return parseConfig(process.env, process.cwd());
}
