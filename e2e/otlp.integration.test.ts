import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPMetricExporter as GrpcMetricExporter } from '@opentelemetry/exporter-metrics-otlp-grpc';
import {
  AggregationTemporalityPreference,
  OTLPMetricExporter as JsonMetricExporter,
} from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPMetricExporter as ProtoMetricExporter } from '@opentelemetry/exporter-metrics-otlp-proto';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  AggregationType,
  MeterProvider,
  PeriodicExportingMetricReader,
  type PushMetricExporter,
} from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PlacedEvent } from '@/lib/core/event.ts';
import { fromProto, toJson, toProto } from '@/lib/ingest/otlp/testing/encode-otlp.ts';
import { logsRequest, metricsRequest, nanos } from '@/lib/ingest/otlp/testing/otlp-requests.ts';
import type { HistoryPage, MetricPage } from '@/lib/wire/pages.ts';
import { FaultyStore } from './support/faulty-store.ts';
import { GatewayPair } from './support/gateway-pair.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { exportLogs, LOG_EXPORTERS, type OtlpAddress, SDK_RESOURCE, sdkLines, sdkRecords } from './support/otlp-sdk.ts';
import { withSeed } from './support/random.ts';
import { freePort, ServerProcess } from './support/server-process.ts';
import { until } from './support/wait.ts';

const SETTINGS = { TAILRACE_GRPC_PORT: '0', TAILRACE_OTLP_PORT: '0', TAILRACE_BREAKER_COOLDOWN_MS: '200' };

function addressOf({ listeners, gateway }: InProcessServer): OtlpAddress {
  return { http: `http://127.0.0.1:${listeners.ports.otlp}`, grpc: `http://127.0.0.1:${gateway.grpcPort}` };
}

async function readAll(url: string, query = ''): Promise<PlacedEvent[]> {
  const page = (await (await fetch(`${url}/api/events?limit=1000${query}`)).json()) as HistoryPage;
  return page.events;
}

function messagesOf(events: readonly PlacedEvent[]): string[] {
  return events.flatMap((event) => (event.kind === 'log' ? [event.message] : []));
}

/** Five orders in each of these seconds. */
function deltas(seconds: readonly number[]): Buffer {
  const dataPoints = seconds.map((second) => ({
    ...{ startTimeUnixNano: nanos(second * 1000), timeUnixNano: nanos(second * 1000 + 1000), asInt: '5' },
  }));
  const sum = { aggregationTemporality: 1, isMonotonic: true, dataPoints };
  return toProto('metrics', metricsRequest([{ name: 'orders', sum }]));
}

type PostOptions = { readonly path?: string; readonly type?: string; readonly encoding?: string };

async function post(url: string, body: Uint8Array | string, options: PostOptions = {}) {
  const { path = '/v1/logs', type = 'application/json', encoding } = options;
  const headers = { 'Content-Type': type, ...(encoding !== undefined && { 'Content-Encoding': encoding }) };
  const response = await fetch(url + path, { method: 'POST', headers, body: body as BodyInit });
  const bytes = new Uint8Array(await response.arrayBuffer());
  return { status: response.status, headers: response.headers, bytes, text: Buffer.from(bytes).toString() };
}

const PROTOBUF = { type: 'application/x-protobuf' };

let server: InProcessServer;
let address: OtlpAddress;
beforeAll(async () => {
  server = await startInProcess('socket', SETTINGS);
  address = addressOf(server);
});
afterAll(() => server.close());

describe('the SDK', () => {
  test.each(Object.entries(LOG_EXPORTERS))('sends logs over %s', async (name, make) => {
    const exporter = make(address);
    const records = sdkRecords([
      {
        body: `a line by ${name}`,
        severityNumber: SeverityNumber.WARN2,
        severityText: 'WARN',
        attributes: { way: name, list: ['a', 'b'], map: { deep: { n: 1 } } },
      },
      { body: { what: 'a map', n: 2.5 }, eventName: 'cart.emptied', attributes: { way: name } },
    ]);
    expect(await exportLogs(exporter, records)).toBeUndefined();
    await exporter.shutdown();
    const events = (await readAll(server.url)).filter(({ attributes }) => attributes?.['way'] === name);
    expect(events).toMatchObject([
      {
        ...{ kind: 'log', service: 'sdk', level: 'warn', message: `a line by ${name}` },
        attributes: {
          ...{ list: ['a', 'b'], map: { deep: { n: 1 } }, 'otel.scope.name': 'test', 'otel.scope.version': '1.0' },
          'deployment.environment': 'test',
        },
      },
      { level: 'info', message: '{"what":"a map","n":2.5}', attributes: { 'event.name': 'cart.emptied' } },
    ]);
  });

  const { DELTA, CUMULATIVE } = AggregationTemporalityPreference;
  const METRIC_EXPORTERS: readonly [string, (temporalityPreference: number) => PushMetricExporter][] = [
    [
      'protobuf',
      (given) => new ProtoMetricExporter({ url: `${address.http}/v1/metrics`, temporalityPreference: given }),
    ],
    ['json', (given) => new JsonMetricExporter({ url: `${address.http}/v1/metrics`, temporalityPreference: given })],
    ['grpc', (given) => new GrpcMetricExporter({ url: address.grpc, temporalityPreference: given })],
  ];
  const cases = METRIC_EXPORTERS.flatMap(([name, make]) => [
    [`${name}-delta`, () => make(DELTA)] as const,
    [`${name}-cumulative`, () => make(CUMULATIVE)] as const,
  ]);

  test.each(cases)('sends metrics as %s, and the page has the same series', async (name, make) => {
    const reader = new PeriodicExportingMetricReader({ exporter: make(), exportIntervalMillis: 3_600_000 });
    const resource = resourceFromAttributes({ 'service.name': name });
    const views = [
      { instrumentName: 'wait.exp', aggregation: { type: AggregationType.EXPONENTIAL_HISTOGRAM } as const },
    ];
    const provider = new MeterProvider({ resource, readers: [reader], views });
    const meter = provider.getMeter('test');
    const orders = meter.createCounter('orders', { unit: '{order}' });
    const open = meter.createUpDownCounter('open');
    const wait = meter.createHistogram('wait', { unit: 'ms' });
    const waitExp = meter.createHistogram('wait.exp', { unit: 'ms' });
    meter.createObservableGauge('heat').addCallback((result) => result.observe(21.5, { room: 'a' }));
    for (let step = 0; step < 3; step += 1) {
      orders.add(5);
      open.add(step === 2 ? -1 : 2);
      for (let ms = 1; ms <= 100; ms += 1) {
        wait.record(ms);
        waitExp.record(ms);
      }
      await provider.forceFlush();
      await pause(30);
    }
    await provider.shutdown();
    const page = (await (
      await fetch(`${server.url}/api/metrics/query?service=${name}&width=2000`)
    ).json()) as MetricPage;
    const series = new Map(page.series.map((each) => [each.name, each]));
    const last = (metric: string) => series.get(metric)?.points.at(-1)?.[4];
    expect([last('orders'), last('open'), last('heat'), last('wait.count')]).toEqual([15, 3, 21.5, 300]);
    expect(last('wait.sum')).toBe(3 * 5050);
    expect([series.get('orders')?.type, series.get('open')?.type, series.get('orders')?.unit]).toEqual([
      ...['counter', 'gauge', '{order}'],
    ]);
    expect(series.get('heat')?.labels).toBe('{"room":"a"}');
    // Estimates, from buckets of the SDK's own: near what was measured.
    for (const metric of ['wait', 'wait.exp']) {
      expect(Math.abs(Number(last(`${metric}.p50`)) - 50)).toBeLessThan(5);
      expect(Math.abs(Number(last(`${metric}.p99`)) - 99)).toBeLessThan(5);
    }
  });

  test('sends spans, which become lines of their trace', async () => {
    const exporter = new OTLPTraceExporter({ url: `${address.http}/v1/traces` });
    const provider = new BasicTracerProvider({
      resource: SDK_RESOURCE,
      spanProcessors: [new SimpleSpanProcessor(exporter)],
    });
    const span = provider.getTracer('shop').startSpan('pay the cart');
    span.setAttribute('cart', 7);
    span.recordException(new TypeError('card expired'));
    span.setStatus({ code: 2, message: 'not paid' });
    span.end();
    await provider.forceFlush();
    await provider.shutdown();
    const { traceId, spanId } = span.spanContext();
    const lines = (await readAll(server.url)).filter((event) => event.kind === 'log' && event.traceId === traceId);
    expect(lines).toMatchObject([
      { level: 'error', message: 'TypeError: card expired', spanId },
      { level: 'error', spanId, attributes: { cart: 7, 'span.kind': 'internal', 'otel.status_code': 'ERROR' } },
    ]);
    expect(messagesOf(lines)[1]).toMatch(/^pay the cart \(internal\) [\d.]+ ms: not paid$/);
  });

  test('is one sender for each way, in the book of senders', () => {
    const rows = server.runtime.senders.rows().filter(({ protocol }) => protocol.startsWith('otlp'));
    expect(rows.map(({ protocol }) => protocol).sort()).toEqual(['otlp', 'otlp-grpc']);
    for (const { accepted, rejected, failed, bytes, services } of rows) {
      expect([accepted > 10, rejected, failed, bytes > 1000, services.includes('sdk')]).toEqual([
        true,
        0,
        0,
        true,
        true,
      ]);
    }
  });
});

describe('retries', () => {
  test.each(['HTTP, protobuf, gzip', 'HTTP, JSON'])(
    'over %s, while the history is away, lose and repeat nothing',
    async (way) => {
      const store = new FaultyStore();
      const away = await startInProcess('socket', SETTINGS, { wrapHistory: store.wrap });
      try {
        const exporter = LOG_EXPORTERS[way]?.(addressOf(away));
        if (!exporter) throw new Error(way);
        expect(await exportLogs(exporter, sdkLines(0, 50))).toBeUndefined();
        store.isDown = true;
        const sending = Promise.all([50, 100, 150].map((from) => exportLogs(exporter, sdkLines(from, 50))));
        await until('three refusals', () => away.runtime.ingestTotals.failed >= 3);
        store.isDown = false;
        expect(await sending).toEqual([undefined, undefined, undefined]);
        const messages = messagesOf(await readAll(away.url)).sort();
        expect(messages).toEqual(Array.from({ length: 200 }, (_, index) => `line ${index}`).sort());
        await exporter.shutdown();
      } finally {
        await away.close();
      }
    },
  );

  test('of a sender that has sent too much come when they may', async () => {
    const slow = await startInProcess('socket', { ...SETTINGS, TAILRACE_INGEST_RATE: '100' });
    try {
      const exporter = LOG_EXPORTERS['HTTP, protobuf']?.(addressOf(slow));
      if (!exporter) throw new Error('no exporter');
      expect(await exportLogs(exporter, sdkLines(0, 250))).toBeUndefined();
      expect(await exportLogs(exporter, sdkLines(250, 50))).toBeUndefined();
      expect(slow.runtime.ingestTotals.limited).toBeGreaterThan(0);
      expect(new Set(messagesOf(await readAll(slow.url))).size).toBe(300);
      await exporter.shutdown();
    } finally {
      await slow.close();
    }
  });

  test('of deltas that were stored, or were not, count once', async () => {
    const store = new FaultyStore();
    const away = await startInProcess('socket', SETTINGS, { wrapHistory: store.wrap });
    const { http } = addressOf(away);
    const send = (step: number) => post(http, deltas([step]), { ...PROTOBUF, path: '/v1/metrics' });
    try {
      expect((await send(0)).status).toBe(200);
      store.isDown = true;
      expect((await send(1)).status).toBe(503);
      expect((await send(1)).status).toBe(503);
      store.isDown = false;
      await until('the second to be taken', async () => (await send(1)).status === 200);
      for (const step of [0, 1, 2, 1]) expect((await send(step)).status).toBe(200);
      const values = (await readAll(away.url)).map((event) => event.kind === 'metric' && event.value);
      expect(values).toEqual([0, 5, 10, 15]);
    } finally {
      await away.close();
    }
  });

  test(
    'around a kill -9 of the server lose and repeat nothing',
    () =>
      withSeed(async (random) => {
        const port = await freePort();
        const environment = { TAILRACE_GRPC_PORT: 'off' };
        let killed = await ServerProcess.start({ port, environment });
        const { url, dataDir } = killed;
        const exporters = ['HTTP, protobuf', 'HTTP, JSON, gzip'].map((way) => {
          const exporter = LOG_EXPORTERS[way]?.({ http: url, grpc: '' });
          if (!exporter) throw new Error(way);
          return exporter;
        });
        let stopped = false;
        let sent = 0;
        // The SDK itself gives up when the line breaks; who keeps a queue, as a collector does, sends the same again.
        const senders = exporters.map(async (exporter) => {
          while (!stopped) {
            const records = sdkLines(sent, 40);
            sent += 40;
            while (await exportLogs(exporter, records)) await pause(50);
            await pause(random.integer(0, 10));
          }
        });
        try {
          for (let kill = 0; kill < 3; kill += 1) {
            await pause(random.integer(300, 900));
            await killed.kill();
            killed = await ServerProcess.start({ port, environment, dataDir });
          }
          stopped = true;
          await Promise.all(senders);
          const messages: string[] = [];
          for (let after: string | undefined; ; ) {
            const query = after === undefined ? '' : `&before=${after}`;
            const page = (await (await fetch(`${url}/api/events?limit=1000${query}`)).json()) as HistoryPage;
            messages.push(...messagesOf(page.events));
            if (page.before === null) break;
            after = page.before;
          }
          expect(sent).toBeGreaterThan(100);
          expect(messages.sort()).toEqual(Array.from({ length: sent }, (_, index) => `line ${index}`).sort());
        } finally {
          stopped = true;
          await killed.stop();
          await rm(dataDir, { recursive: true, force: true });
        }
      }),
    // Three starts of a server, on whatever machine.
    300_000,
  );
});

describe('over gRPC', () => {
  const METHOD = '/opentelemetry.proto.collector.logs.v1.LogsService/Export';

  function call(target: OtlpAddress, body: Uint8Array): Promise<{ error?: ServiceError; answer?: Buffer }> {
    const client = new Client(target.grpc.replace('http://', ''), credentials.createInsecure());
    return new Promise((resolve) => {
      const same = (bytes: Buffer): Buffer => bytes;
      client.makeUnaryRequest(METHOD, same, same, Buffer.from(body), (error, answer) => {
        client.close();
        resolve({ ...(error && { error }), ...(answer && { answer }) });
      });
    });
  }

  function retryAfterS(error: ServiceError | undefined): unknown {
    const [details] = error?.metadata.get('grpc-status-details-bin') ?? [];
    if (!details) return undefined;
    const { code, details: list } = fromProto('RpcStatus', details as Buffer);
    const [first] = list as { typeUrl: string; value: Buffer }[];
    expect([code, first?.typeUrl]).toEqual([error?.code, 'type.googleapis.com/google.rpc.RetryInfo']);
    return fromProto('RetryInfo', first?.value ?? Buffer.alloc(0))['retryDelay'];
  }

  test('an empty request is a success, and what is rejected is told', async () => {
    expect((await call(address, new Uint8Array())).answer).toHaveLength(0);
    const nested = (depth: number): object => (depth === 0 ? {} : { arrayValue: { values: [nested(depth - 1)] } });
    const { answer } = await call(address, toProto('logs', logsRequest([{ body: nested(40) }])));
    expect(fromProto('Answer', answer ?? Buffer.alloc(0))).toMatchObject({ partialSuccess: { rejected: 1 } });
  });

  test('what is not protobuf is an invalid argument, without a word of coming again', async () => {
    const { error } = await call(address, Buffer.from('garbage'));
    expect([error?.code, retryAfterS(error)]).toEqual([status.INVALID_ARGUMENT, undefined]);
    expect(error?.details).toContain('is not a request of OTLP as protobuf');
  });

  test('a history that is away and a sender that sends too much are told when to come again', async () => {
    const store = new FaultyStore();
    const settings = { ...SETTINGS, TAILRACE_INGEST_RATE: '1' };
    const away = await startInProcess('socket', settings, { wrapHistory: store.wrap });
    const body = toProto('logs', logsRequest(Array.from({ length: 9 }, () => ({ timeUnixNano: nanos() }))));
    try {
      store.isDown = true;
      const unavailable = (await call(addressOf(away), body)).error;
      expect(unavailable?.code).toBe(status.UNAVAILABLE);
      expect(retryAfterS(unavailable)).toMatchObject({ seconds: expect.any(Number) });
      const limited = (await call(addressOf(away), body)).error;
      expect(limited?.code).toBe(status.RESOURCE_EXHAUSTED);
      expect(retryAfterS(limited)).toMatchObject({ seconds: expect.any(Number) });
    } finally {
      await away.close();
    }
  });

  test('the same message again is stored once', async () => {
    const body = toProto('logs', logsRequest([{ timeUnixNano: nanos(), body: { stringValue: 'once over gRPC' } }]));
    for (let turn = 0; turn < 3; turn += 1) expect((await call(address, body)).error).toBeUndefined();
    expect(messagesOf(await readAll(server.url)).filter((message) => message === 'once over gRPC')).toHaveLength(1);
  });
});

describe('over HTTP', () => {
  const line = (message: string) => logsRequest([{ timeUnixNano: nanos(), body: { stringValue: message } }]);

  test('is served on the main port as well', async () => {
    expect((await post(server.url, toJson(line('by the main port')))).text).toBe('{}');
    expect(messagesOf(await readAll(server.url))).toContain('by the main port');
  });

  test('a body with times again is stored once, without times each time', async () => {
    const untimed = toJson(logsRequest([{ body: { stringValue: 'hello again' } }]));
    for (const body of [toJson(line('hello once')), untimed]) {
      for (let turn = 0; turn < 2; turn += 1) expect((await post(address.http, body)).status).toBe(200);
    }
    const said = messagesOf(await readAll(server.url)).filter((message) => message.startsWith('hello'));
    expect(said).toEqual(['hello once', 'hello again', 'hello again']);
  });

  test('nothing at all is a success', async () => {
    expect(await post(address.http, '{}')).toMatchObject({ status: 200, text: '{}' });
    expect(await post(address.http, '')).toMatchObject({ status: 200, text: '{}' });
    expect(await post(address.http, new Uint8Array(), PROTOBUF)).toMatchObject({ status: 200, text: '' });
  });

  test('what is wrong is told in the encoding it came in', async () => {
    const garbage = await post(address.http, Buffer.from('garbage'), PROTOBUF);
    expect([garbage.status, garbage.headers.get('content-type')]).toEqual([400, 'application/x-protobuf']);
    expect(fromProto('RpcStatus', garbage.bytes)).toMatchObject({
      code: 3,
      message: expect.stringContaining('protobuf'),
    });
    const json = await post(address.http, '{"resourceLogs":');
    expect([json.status, JSON.parse(json.text).code]).toEqual([400, 3]);
    const notGzip = await post(address.http, '{}', { encoding: 'gzip' });
    expect([notGzip.status, JSON.parse(notGzip.text).message]).toEqual([
      400,
      expect.stringContaining('not valid gzip'),
    ]);
    expect((await post(address.http, '{}', { encoding: 'br' })).status).toBe(415);
    expect((await post(address.http, '{}', { type: 'text/plain' })).status).toBe(415);
  });

  test('a body that is too large is refused, also where it only becomes so', async () => {
    const bomb = gzipSync(Buffer.alloc(21 * 1024 * 1024, 0x20));
    expect((await post(address.http, bomb, { encoding: 'gzip' })).status).toBe(413);
    expect((await post(address.http, Buffer.alloc(21 * 1024 * 1024, 0x20))).status).toBe(413);
  });

  test('a body that ends in the middle leaves nothing behind', async () => {
    const before = server.runtime.journal.headSeq;
    const body = toProto('logs', line('half a line'));
    expect((await post(address.http, body.subarray(0, -3), PROTOBUF)).status).toBe(400);
    const socket = connect(Number(new URL(address.http).port), '127.0.0.1');
    await once(socket, 'connect');
    const head = 'POST /v1/logs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-protobuf\r\n';
    socket.write(`${head}Content-Length: ${body.length}\r\n\r\n`);
    socket.write(body.subarray(0, 20));
    await pause(50);
    socket.destroy();
    await pause(100);
    expect(server.runtime.journal.headSeq).toBe(before);
  });

  test('the port takes OTLP and nothing else, and one that is taken is told as such', async () => {
    expect((await fetch(`${address.http}/api/events`)).status).toBe(404);
    expect((await fetch(`${address.http}/v1/logs`)).status).toBe(404);
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    await expect(startInProcess('socket', { TAILRACE_OTLP_PORT: String(port) })).rejects.toThrow(
      `otlp: port ${port} is in use; choose another port, or "off", with TAILRACE_OTLP_PORT`,
    );
    taken.close();
  });
});

test('the built server takes OTLP as a route, and a gateway hands it on to it', async () => {
  const pair = await GatewayPair.start();
  const metrics = { ...PROTOBUF, path: '/v1/metrics' };
  try {
    const body = toProto('logs', logsRequest([{ timeUnixNano: nanos(), body: { stringValue: 'by the gateway' } }]));
    expect(await post(pair.gateway.url, body, PROTOBUF)).toMatchObject({ status: 200, text: '' });
    expect((await post(pair.gateway.url, '[', {})).status).toBe(400);
    expect(messagesOf(await readAll(pair.owner.url))).toEqual(['by the gateway']);
    // What is remembered of a series belongs to the server, whose routes are bundled apart from it.
    const steps = Array.from({ length: 20 }, (_, index) => index + 1);
    expect(await post(pair.owner.url, deltas(steps), metrics)).toMatchObject({ status: 200, text: '' });
    const late = await post(pair.owner.url, deltas([0]), metrics);
    expect(fromProto('Answer', late.bytes)).toMatchObject({
      partialSuccess: { rejected: 1, errorMessage: expect.stringContaining('after 16 later ones') },
    });
    const bomb = gzipSync(Buffer.alloc(21 * 1024 * 1024, 0x20));
    expect((await post(pair.owner.url, bomb, { encoding: 'gzip' })).status).toBe(413);
    expect((await fetch(`${pair.owner.url}/v1/logs`)).status).toBe(405);
  } finally {
    await pair.stop();
  }
});
