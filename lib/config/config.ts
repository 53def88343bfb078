import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { ClientTransport } from '@/lib/core/client-transport.ts';
import type { Role } from '@/lib/core/principal.ts';
import { type ScrapeTarget, SETTINGS, type SourceName } from './settings.ts';

const HOUR_MS = 3_600_000;

const settingsSchema = z.object(SETTINGS);

/** Sockets that other programs send to, each off unless its setting `TAILRACE_<NAME>_PORT` names a port. */
export type ListenerName = 'otlp' | 'syslog' | 'gelf' | 'forward';

export type Config = {
  readonly port: number;
  readonly host: string;
  /** 0: any free one; undefined: none. */
  readonly grpcPort: number | undefined;
  /** The gRPC port was asked for, and not only derived from `port`: it is an error when it is taken. */
  readonly isGrpcPortGiven: boolean;
  readonly mqttPort: number | undefined;
  /** 0: any free one; undefined: none. */
  readonly listenerPorts: Readonly<Record<ListenerName, number | undefined>>;
  readonly transports: readonly ClientTransport[];
  readonly wsDeflate: boolean;
  readonly upstream: string | undefined;
  readonly databaseUrl: string;
  readonly dataDir: string;
  /** Where the program's own files lie: migrations and the built history thread. */
  readonly homeDir: string;
  readonly demo: { readonly ratePerSecond: number; readonly seed: number } | undefined;
  readonly sources: readonly SourceName[];
  readonly scrape: {
    readonly targets: readonly ScrapeTarget[];
    readonly intervalMs: number;
    /** Of one target, each time. */
    readonly samplesMax: number;
  };
  readonly heartbeatMs: number;
  readonly retryMs: number;
  readonly connectionRules: {
    /** Heartbeat intervals without a word from a client that acknowledges. */
    readonly missesMax: number;
    readonly slowMs: number;
    /** 0: never. */
    readonly idleMs: number;
    /** 0: none. */
    readonly ageMs: number;
  };
  readonly connectionLimits: {
    readonly connectionsMax: number;
    readonly perAddressMax: number;
    readonly perTokenMax: number;
    readonly perSecondMax: number;
  };
  readonly trustedProxies: readonly string[];
  readonly ring: { readonly eventsMax: number; readonly bytesMax: number };
  readonly retention: { readonly ageMs: number; readonly bytesMax: number };
  readonly synchronous: 'full' | 'normal';
  readonly ingest: {
    readonly jsonBytesMax: number;
    readonly streamBytesMax: number;
    readonly perSecondMax: number;
  };
  readonly history: { readonly slowMs: number; readonly timeoutMs: number; readonly cooldownMs: number };
  readonly heldEventsMax: number;
  /** undefined: three quarters of what the process may use. */
  readonly memorySoftBytes: number | undefined;
  readonly admin: { readonly token: string | undefined; readonly chaos: boolean; readonly diagnostics: boolean };
  readonly access: {
    readonly mode: 'auto' | 'open' | 'closed';
    /** Addresses and networks that may send to listeners without credentials. */
    readonly listenFrom: readonly string[];
    /** What senders of Fluent forward must prove to know; undefined: nothing. */
    readonly forwardSharedKey: string | undefined;
    /** Of pages that may send, beside our own. */
    readonly allowedOrigins: readonly string[];
    readonly session: { readonly idleMs: number; readonly maxMs: number };
    readonly oidc: { readonly issuer: string; readonly clientId: string; readonly clientSecret?: string } | undefined;
    readonly jwt: { readonly issuer: string; readonly audience: string; readonly jwksUrl: string } | undefined;
    readonly roles: { readonly claim: string; readonly map: Readonly<Record<string, Role>> };
  };
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
  checkTogether(settings);
  const dataDir = resolve(homeDir, settings.TAILRACE_DATA_DIR);
  return {
    port: settings.PORT,
    host: settings.HOST,
    grpcPort: grpcPort(settings.TAILRACE_GRPC_PORT, settings.PORT),
    isGrpcPortGiven: settings.TAILRACE_GRPC_PORT !== undefined,
    mqttPort: settings.TAILRACE_MQTT_PORT === 'off' ? undefined : settings.TAILRACE_MQTT_PORT,
    listenerPorts: {
      otlp: portOf(settings.TAILRACE_OTLP_PORT),
      syslog: portOf(settings.TAILRACE_SYSLOG_PORT),
      gelf: portOf(settings.TAILRACE_GELF_PORT),
      forward: portOf(settings.TAILRACE_FORWARD_PORT),
    },
    transports: settings.TAILRACE_TRANSPORTS,
    wsDeflate: settings.TAILRACE_WS_DEFLATE,
    upstream: settings.TAILRACE_UPSTREAM,
    databaseUrl: settings.DATABASE_URL ?? `file:${join(dataDir, 'tailrace.db')}`,
    dataDir,
    homeDir,
    demo: settings.TAILRACE_DEMO
      ? { ratePerSecond: settings.TAILRACE_DEMO_RATE, seed: settings.TAILRACE_DEMO_SEED }
      : undefined,
    sources: settings.TAILRACE_SOURCES,
    scrape: {
      targets: settings.TAILRACE_SCRAPE,
      intervalMs: settings.TAILRACE_SCRAPE_INTERVAL_MS,
      samplesMax: settings.TAILRACE_SCRAPE_SAMPLES_MAX,
    },
    heartbeatMs: settings.TAILRACE_HEARTBEAT_MS,
    retryMs: settings.TAILRACE_RETRY_MS,
    connectionRules: {
      missesMax: settings.TAILRACE_MISSES_MAX,
      slowMs: settings.TAILRACE_SLOW_MS,
      idleMs: settings.TAILRACE_IDLE_MS,
      ageMs: settings.TAILRACE_AGE_MS,
    },
    connectionLimits: {
      connectionsMax: settings.TAILRACE_CONNECTIONS_MAX,
      perAddressMax: settings.TAILRACE_CONNECTIONS_PER_ADDRESS_MAX,
      perTokenMax: settings.TAILRACE_CONNECTIONS_PER_TOKEN_MAX,
      perSecondMax: settings.TAILRACE_CONNECT_RATE,
    },
    trustedProxies: settings.TAILRACE_TRUSTED_PROXIES,
    ring: { eventsMax: settings.TAILRACE_RING_EVENTS, bytesMax: settings.TAILRACE_RING_BYTES },
    retention: { ageMs: settings.TAILRACE_RETENTION_HOURS * HOUR_MS, bytesMax: settings.TAILRACE_RETENTION_BYTES },
    synchronous: settings.TAILRACE_SYNCHRONOUS,
    ingest: {
      jsonBytesMax: settings.TAILRACE_INGEST_JSON_BYTES,
      streamBytesMax: settings.TAILRACE_INGEST_STREAM_BYTES,
      perSecondMax: settings.TAILRACE_INGEST_RATE,
    },
    history: {
      slowMs: settings.TAILRACE_HISTORY_SLOW_MS,
      timeoutMs: settings.TAILRACE_HISTORY_TIMEOUT_MS,
      cooldownMs: settings.TAILRACE_BREAKER_COOLDOWN_MS,
    },
    heldEventsMax: settings.TAILRACE_HELD_EVENTS_MAX,
    memorySoftBytes: settings.TAILRACE_MEMORY_SOFT_BYTES,
    admin: {
      token: settings.TAILRACE_ADMIN_TOKEN,
      chaos: settings.TAILRACE_CHAOS,
      diagnostics: settings.TAILRACE_DIAGNOSTICS,
    },
    access: accessOf(settings),
    seriesMax: settings.TAILRACE_SERIES_MAX,
    drainMs: settings.TAILRACE_DRAIN_MS,
    logLevel: settings.TAILRACE_LOG_LEVEL,
  };
}

type Settings = z.infer<typeof settingsSchema>;

/** Half an identity provider would look like one and let nobody in. */
const TOGETHER: readonly (readonly (keyof Settings)[])[] = [
  ['TAILRACE_OIDC_ISSUER', 'TAILRACE_OIDC_CLIENT_ID'],
  ['TAILRACE_JWT_ISSUER', 'TAILRACE_JWT_AUDIENCE', 'TAILRACE_JWT_JWKS_URL'],
];

function checkTogether(settings: Settings): void {
  for (const names of TOGETHER) {
    const missing = names.filter((name) => settings[name] === undefined);
    if (missing.length === 0 || missing.length === names.length) continue;
    throw new Error(
      `The settings are not usable.\n  ${missing.join(', ')}: expected too, as the others of them are set`,
    );
  }
}

function accessOf(settings: Settings): Config['access'] {
  const { TAILRACE_OIDC_ISSUER: issuer, TAILRACE_OIDC_CLIENT_ID: clientId } = settings;
  const { TAILRACE_OIDC_CLIENT_SECRET: clientSecret } = settings;
  const { TAILRACE_JWT_ISSUER, TAILRACE_JWT_AUDIENCE: audience, TAILRACE_JWT_JWKS_URL: jwksUrl } = settings;
  return {
    mode: settings.TAILRACE_ACCESS,
    listenFrom: settings.TAILRACE_LISTEN_FROM,
    forwardSharedKey: settings.TAILRACE_FORWARD_SHARED_KEY,
    allowedOrigins: settings.TAILRACE_ALLOWED_ORIGINS,
    session: { idleMs: settings.TAILRACE_SESSION_IDLE_MS, maxMs: settings.TAILRACE_SESSION_MAX_MS },
    oidc: issuer && clientId ? { issuer, clientId, ...(clientSecret && { clientSecret }) } : undefined,
    jwt: TAILRACE_JWT_ISSUER && audience && jwksUrl ? { issuer: TAILRACE_JWT_ISSUER, audience, jwksUrl } : undefined,
    roles: { claim: settings.TAILRACE_ROLE_CLAIM, map: settings.TAILRACE_ROLE_MAP },
  };
}

function portOf(given: number | 'off'): number | undefined {
  return given === 'off' ? undefined : given;
}

/** The one after the server's own; beside a free port of the system's choice, another such. */
function grpcPort(given: number | 'off' | undefined, port: number): number | undefined {
  if (given === 'off') return undefined;
  if (given !== undefined) return given;
  return port === 0 ? 0 : port < 65_535 ? port + 1 : undefined;
}

/** The settings of this process. */
export function readConfig(): Config {
  return parseConfig(process.env, process.cwd());
}
