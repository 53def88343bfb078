import { expect, test } from 'vitest';
import { parseConfig } from './config.ts';
import { SETTINGS } from './settings.ts';

const MIB = 1024 * 1024;

test('without any variable there are defaults for everything', () => {
  expect(parseConfig({}, '/home')).toEqual({
    port: 3000,
    host: '127.0.0.1',
    grpcPort: 3001,
    isGrpcPortGiven: false,
    mqttPort: undefined,
    listenerPorts: { otlp: undefined, syslog: undefined, gelf: undefined, forward: undefined },
    transports: ['sse', 'ws', 'http', 'poll'],
    wsDeflate: false,
    upstream: undefined,
    databaseUrl: 'file:/home/data/tailrace.db',
    dataDir: '/home/data',
    homeDir: '/home',
    demo: undefined,
    sources: ['host', 'process', 'log'],
    scrape: { targets: [], intervalMs: 15_000, samplesMax: 10_000 },
    heartbeatMs: 15_000,
    retryMs: 2000,
    connectionRules: { missesMax: 3, slowMs: 120_000, idleMs: 600_000, ageMs: 3_600_000 },
    connectionLimits: { connectionsMax: 10_000, perAddressMax: 10_000, perTokenMax: 10_000, perSecondMax: 2000 },
    trustedProxies: [],
    ring: { eventsMax: 50_000, bytesMax: 64 * MIB },
    retention: { ageMs: 168 * 3_600_000, bytesMax: 4096 * MIB },
    synchronous: 'full',
    ingest: { jsonBytesMax: 8 * MIB, streamBytesMax: 1024 * MIB, perSecondMax: 200_000 },
    history: { slowMs: 1000, timeoutMs: 10_000, cooldownMs: 2000 },
    heldEventsMax: 20_000,
    memorySoftBytes: undefined,
    admin: { token: undefined, chaos: false, diagnostics: false },
    access: {
      mode: 'auto',
      listenFrom: ['127.0.0.0/8', '::1'],
      forwardSharedKey: undefined,
      allowedOrigins: [],
      session: { idleMs: 12 * 3_600_000, maxMs: 168 * 3_600_000 },
      oidc: undefined,
      jwt: undefined,
      roles: { claim: 'roles', map: {} },
    },
    seriesMax: 10_000,
    drainMs: 3000,
    logLevel: 'info',
  });
});

test('an empty or blank variable counts as absent', () => {
  const blank = Object.fromEntries(Object.keys(SETTINGS).map((name, index) => [name, index % 2 ? '' : '  ']));
  expect(parseConfig(blank, '/home')).toEqual(parseConfig({}, '/home'));
});

test('values are read from text', () => {
  const config = parseConfig(
    {
      PORT: '0',
      DATABASE_URL: 'file:/x/y.db',
      TAILRACE_DATA_DIR: '/var/lib',
      TAILRACE_DEMO: 'yes',
      TAILRACE_DEMO_RATE: '5',
      TAILRACE_SOURCES: 'log, host,log',
      TAILRACE_RETENTION_HOURS: '0.5',
      TAILRACE_TRUSTED_PROXIES: '10.0.0.0/8, ::1',
      PATH: '/bin',
    },
    '/home',
  );
  expect(config).toMatchObject({ port: 0, databaseUrl: 'file:/x/y.db', dataDir: '/var/lib', sources: ['log', 'host'] });
  expect(config.demo).toEqual({ ratePerSecond: 5, seed: 1 });
  expect(config.retention.ageMs).toBe(1_800_000);
  expect(config.trustedProxies).toEqual(['10.0.0.0/8', '::1']);
});

test('no sources is none', () => {
  expect(parseConfig({ TAILRACE_SOURCES: 'none' }, '/home').sources).toEqual([]);
  expect(parseConfig({ TAILRACE_DEMO: 'off' }, '/home').demo).toBeUndefined();
});

const BAD: Partial<Record<keyof typeof SETTINGS, string>> = {
  TAILRACE_DATA_DIR: '',
  HOST: '',
  TAILRACE_ADMIN_TOKEN: 'short',
  TAILRACE_FORWARD_SHARED_KEY: 'short',
};
for (const name of Object.keys(SETTINGS) as (keyof typeof SETTINGS)[]) BAD[name] ??= 'no such value';

test.each(Object.entries(BAD).filter(([, value]) => value !== ''))(
  'a bad value of %s is told by name',
  (name, value) => {
    expect(() => parseConfig({ [name]: value }, '/home')).toThrow(new RegExp(`\\n  ${name}: `));
  },
);

test.each([
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', '3000.5'],
  ['TAILRACE_HEARTBEAT_MS', '99'],
  ['TAILRACE_RETENTION_HOURS', '0'],
  ['TAILRACE_RETENTION_HOURS', 'Infinity'],
  ['TAILRACE_SOURCES', 'host,gpu'],
  ['TAILRACE_TRUSTED_PROXIES', '10.0.0.0/33'],
  ['TAILRACE_TRUSTED_PROXIES', '10.0.0.1,proxy.local'],
  ['DATABASE_URL', 'postgres://x/y'],
])('%s=%s is out of bounds', (name, value) => {
  expect(() => parseConfig({ [name]: value }, '/home')).toThrow(name);
});

test('all that is wrong is told at once', () => {
  expect(() => parseConfig({ PORT: 'x', TAILRACE_DEMO: 'maybe' }, '/home')).toThrow(/PORT: [\s\S]*TAILRACE_DEMO: /);
});

test('gRPC is beside the server, where it is told to be, or nowhere', () => {
  const port = (environment: Record<string, string>) => parseConfig(environment, '/home').grpcPort;
  expect(port({ PORT: '8080' })).toBe(8081);
  expect(port({ PORT: '0' })).toBe(0);
  expect(port({ PORT: '65535' })).toBeUndefined();
  expect(port({ TAILRACE_GRPC_PORT: '50051' })).toBe(50_051);
  expect(port({ TAILRACE_GRPC_PORT: 'off' })).toBeUndefined();
  expect(() => port({ TAILRACE_GRPC_PORT: 'x' })).toThrow('TAILRACE_GRPC_PORT: expected a port');
  expect(() => port({ TAILRACE_MQTT_PORT: '70000' })).toThrow('TAILRACE_MQTT_PORT: Too big');
});

test('transports are names in the order given', () => {
  expect(parseConfig({ TAILRACE_TRANSPORTS: 'ws, poll,ws' }, '/home').transports).toEqual(['ws', 'poll']);
  expect(() => parseConfig({ TAILRACE_TRANSPORTS: 'sse,carrier-pigeon' }, '/home')).toThrow('got "carrier-pigeon"');
});

test('targets to scrape have a job, or are named after their host', () => {
  const text = 'node=http://127.0.0.1:9100/metrics, http://db:9187/metrics?a=b';
  expect(parseConfig({ TAILRACE_SCRAPE: text }, '/').scrape.targets).toEqual([
    { job: 'node', url: 'http://127.0.0.1:9100/metrics' },
    { job: 'db:9187', url: 'http://db:9187/metrics?a=b' },
  ]);
  expect(() => parseConfig({ TAILRACE_SCRAPE: 'node=ftp://x' }, '/')).toThrow('TAILRACE_SCRAPE: expected addresses');
});

test('a key that is too short is refused without being told', () => {
  const start = (): unknown => parseConfig({ TAILRACE_FORWARD_SHARED_KEY: 'hunter2' }, '/');
  expect(start).toThrow('TAILRACE_FORWARD_SHARED_KEY: expected at least 8 characters');
  expect(start).not.toThrow('hunter2');
});

test('origins are kept as browsers write them', () => {
  const text = 'https://Shop.Example.com, http://localhost:5173/,https://shop.example.com:443';
  const { allowedOrigins } = parseConfig({ TAILRACE_ALLOWED_ORIGINS: text }, '/').access;
  expect(allowedOrigins).toEqual(['https://shop.example.com', 'http://localhost:5173']);
});

test.each([
  '*',
  'null',
  'https://*.example.com',
  'shop.example.com',
  'https://shop.example.com/page',
  'ftp://a.example',
])('"%s" names no origin', (text) => {
  expect(() => parseConfig({ TAILRACE_ALLOWED_ORIGINS: text }, '/')).toThrow(
    'TAILRACE_ALLOWED_ORIGINS: expected origins such as "https://shop.example.com"',
  );
});

test('an identity provider is set up whole, and its values give roles', () => {
  const jwt = { TAILRACE_JWT_ISSUER: 'https://id.example', TAILRACE_JWT_AUDIENCE: 'tailrace' };
  expect(() => parseConfig(jwt, '/')).toThrow('TAILRACE_JWT_JWKS_URL: expected too');
  expect(() => parseConfig({ TAILRACE_OIDC_ISSUER: 'https://id.example' }, '/')).toThrow('TAILRACE_OIDC_CLIENT_ID');
  const whole = {
    ...jwt,
    TAILRACE_JWT_JWKS_URL: 'https://id.example/keys',
    TAILRACE_ROLE_MAP: 'a=b=admin, ops=operator',
  };
  const { access } = parseConfig(whole, '/');
  expect(access.jwt).toEqual({
    issuer: 'https://id.example',
    audience: 'tailrace',
    jwksUrl: 'https://id.example/keys',
  });
  expect(access.roles.map).toEqual({ 'a=b': 'admin', ops: 'operator' });
  expect(() => parseConfig({ TAILRACE_ROLE_MAP: 'ops=god' }, '/')).toThrow('got "ops=god"');
});
