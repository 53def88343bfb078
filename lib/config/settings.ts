import { z } from 'zod';
import { CLIENT_TRANSPORTS, type ClientTransport } from '@/lib/core/client-transport.ts';
import { ACCESS_SETTINGS, addresses } from './access-settings.ts';

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

const portOrOff = z.union([z.literal('off'), integer(0, 65_535)], {
  error: 'expected a port from 0 to 65535, or "off"',
});

/** Names with commas between, each at most once. */
const transports = z.string().transform((text, context): ClientTransport[] => {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !(CLIENT_TRANSPORTS as readonly string[]).includes(name));
  if (unknown === undefined) return [...new Set(names as ClientTransport[])];
  context.addIssue({
    code: 'custom',
    message: `expected some of ${CLIENT_TRANSPORTS.join(', ')}, got "${unknown}"`,
  });
  return z.NEVER;
});

export type ScrapeTarget = {
  /** Service of its samples. */
  readonly job: string;
  readonly url: string;
};

/** `url` or `job=url`, with commas between; without a job the host names the service. */
const scrapeTargets = z.string().transform((text, context): ScrapeTarget[] => {
  const targets: ScrapeTarget[] = [];
  for (const part of text.split(',').flatMap((given) => given.trim() || [])) {
    const [, job, url = part] = /^([^=/:]+)=(.+)$/.exec(part) ?? [];
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (!parsed || !/^https?:$/.test(parsed.protocol)) {
      context.addIssue({
        code: 'custom',
        message: `expected addresses such as "node=http://127.0.0.1:9100/metrics", got "${part}"`,
      });
      return z.NEVER;
    }
    targets.push({ job: job ?? parsed.host, url });
  }
  return targets;
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
  TAILRACE_GRPC_PORT: portOrOff
    .optional()
    .describe('Port of gRPC; `off`: none. Absent: the one after `PORT`, and none if that is taken.'),
  TAILRACE_MQTT_PORT: portOrOff
    .default('off')
    .describe('Port of MQTT over TCP, such as 1883; `off`: none. MQTT over WebSocket is at `/mqtt` in any case.'),
  TAILRACE_OTLP_PORT: portOrOff
    .default('off')
    .describe('Port of OTLP over HTTP beside `PORT`, such as 4318, where SDKs send by themselves; `off`: none.'),
  TAILRACE_SYSLOG_PORT: portOrOff.default('off').describe('Port of syslog, UDP and TCP, such as 5514; `off`: none.'),
  TAILRACE_GELF_PORT: portOrOff.default('off').describe('Port of GELF, UDP and TCP, such as 12201; `off`: none.'),
  TAILRACE_FORWARD_PORT: portOrOff
    .default('off')
    .describe('Port of the Fluent forward protocol over TCP, such as 24224; `off`: none.'),
  TAILRACE_TRANSPORTS: transports
    .default([...CLIENT_TRANSPORTS])
    .describe('What the dashboard tries, in this order: `sse`, `ws`, `http`, `poll`, with commas between.'),
  TAILRACE_WS_DEFLATE: flag
    .default(false)
    .describe('`1` allows compression on WebSockets (permessage-deflate): less traffic, much more CPU.'),
  TAILRACE_UPSTREAM: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Only for a gateway of its own: the server that takes what is sent in, such as `http://127.0.0.1:3000`.'),
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
  TAILRACE_SCRAPE: scrapeTargets
    .default([])
    .describe('Prometheus targets to scrape: addresses such as `node=http://127.0.0.1:9100/metrics`, commas between.'),
  TAILRACE_SCRAPE_INTERVAL_MS: integer(100, HOUR_MS).default(15_000).describe('How often targets are scraped, in ms.'),
  TAILRACE_SCRAPE_SAMPLES_MAX: integer(1, 100_000)
    .default(10_000)
    .describe('Samples of one scrape at most; what is beyond is dropped, and told.'),
  TAILRACE_HEARTBEAT_MS: integer(100, 10 * 60_000)
    .default(15_000)
    .describe('Longest silence of a stream, in ms.'),
  TAILRACE_RETRY_MS: integer(10, 10 * 60_000)
    .default(2000)
    .describe('Mean reconnection delay that browsers are told, in ms; each gets 0.5 to 1.5 times as much.'),
  TAILRACE_MISSES_MAX: integer(1, 1000)
    .default(3)
    .describe('A client that acknowledges is given up after so many heartbeat intervals without a word.'),
  TAILRACE_SLOW_MS: integer(100, 24 * HOUR_MS)
    .default(120_000)
    .describe('A stream that takes nothing for so long, in ms, is ended; the client may come back.'),
  TAILRACE_IDLE_MS: integer(0, 24 * HOUR_MS)
    .default(600_000)
    .describe('A stream without events and without a word of its client is ended after so long, in ms; 0: never.'),
  TAILRACE_AGE_MS: integer(0, 30 * 24 * HOUR_MS)
    .default(HOUR_MS)
    .describe('Greatest age of a stream, in ms, give or take a fifth; the client goes on where it was. 0: none.'),
  TAILRACE_CONNECTIONS_MAX: integer(1, 1_000_000)
    .default(10_000)
    .describe('Open streams at most; never more than the descriptors of the process allow.'),
  TAILRACE_CONNECTIONS_PER_ADDRESS_MAX: integer(1, 1_000_000)
    .default(10_000)
    .describe('Open streams of one address at most.'),
  TAILRACE_CONNECTIONS_PER_TOKEN_MAX: integer(1, 1_000_000)
    .default(10_000)
    .describe('Open streams with one `Authorization` at most.'),
  TAILRACE_CONNECT_RATE: integer(1, 1_000_000)
    .default(2000)
    .describe(
      'New streams a second, sustained; a burst of as many is taken at once, the others are told when to come.',
    ),
  TAILRACE_INGEST_RATE: integer(1, 100_000_000)
    .default(200_000)
    .describe('Events a second from one address, sustained; beyond it 429 with Retry-After.'),
  TAILRACE_TRUSTED_PROXIES: addresses
    .default([])
    .describe('Proxies whose `X-Forwarded-For` is believed: addresses or networks (`10.0.0.0/8`), commas between.'),
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
  TAILRACE_HELD_EVENTS_MAX: integer(0, 1_000_000)
    .default(20_000)
    .describe('While the history is away so many events are held in memory and delivered as `durable: false`.'),
  TAILRACE_HISTORY_SLOW_MS: integer(10, 60_000)
    .default(1000)
    .describe('A call of the history that takes longer, in ms, counts as slow and is listed on the System page.'),
  TAILRACE_HISTORY_TIMEOUT_MS: integer(100, 600_000)
    .default(10_000)
    .describe('A call of the history that has not come back after so long, in ms, has failed.'),
  TAILRACE_BREAKER_COOLDOWN_MS: integer(10, 600_000)
    .default(2000)
    .describe(
      'After so long, in ms, an open breaker lets a probe through; twice as long after each failed one, up to 30 s.',
    ),
  TAILRACE_MEMORY_SOFT_BYTES: integer(64 * MIB, 2 ** 50)
    .optional()
    .describe('Above it the server gives memory back, in bytes. Absent: three quarters of what the process may use.'),
  TAILRACE_ADMIN_TOKEN: z
    .string()
    .min(8)
    .optional()
    .describe(
      'Admits an admin (`Authorization: Bearer …`). Where it is set, this machine without it may look and send only.',
    ),
  ...ACCESS_SETTINGS,
  TAILRACE_CHAOS: flag
    .default(false)
    .describe('`1` allows faults on purpose: the panel on the System page and its API.'),
  TAILRACE_DIAGNOSTICS: flag.default(false).describe('`1` allows heap snapshots and CPU profiles to be taken.'),
  TAILRACE_DRAIN_MS: integer(0, 20_000)
    .default(3000)
    .describe('On SIGTERM the goodbyes are spread over so long, in ms.'),
  TAILRACE_LOG_LEVEL: z
    .enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
    .default('info')
    .describe("Level of Tailrace's own log."),
} as const;
