import { rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import pino from 'pino';
import { pinoLoki } from 'pino-loki';
import { describe, expect, test } from 'vitest';
import { createLogger, type Logger } from 'winston';
import LokiTransport from 'winston-loki';
import { FaultyStore } from './support/faulty-store.ts';
import { startInProcess } from './support/in-process-server.ts';
import { readJournal } from './support/read-journal.ts';
import { freePort, ServerProcess } from './support/server-process.ts';
import { until } from './support/wait.ts';

type Winston = { readonly logger: Logger; readonly errors: unknown[]; close(): Promise<void> };

/** After a failure it would wait a minute; here it waits a fifth of a second. */
function startWinston(host: string, json: boolean): Winston {
  const errors: unknown[] = [];
  const transport = new LokiTransport({
    host,
    json,
    interval: 0.1,
    labels: { app: 'shop', quoted: 'say "hello"' },
    gracefulShutdown: false,
    onConnectionError: (error) => errors.push(error),
  });
  const batcher: { circuitBreakerInterval: number } = Reflect.get(transport, 'batcher');
  batcher.circuitBreakerInterval = 200;
  return { logger: createLogger({ level: 'debug', transports: [transport] }), errors, close: () => transport.close() };
}

const numbersIn = (events: readonly object[]) =>
  new Set(events.flatMap((event) => ('message' in event ? (/line (\d+)/.exec(String(event.message))?.[1] ?? []) : [])));
const numbers = (count: number) => new Set(Array.from({ length: count }, (_, index) => String(index)));

test('pino-loki: lines with their level, labels, time and structured metadata', async () => {
  const server = await startInProcess('socket');
  try {
    const stream = pinoLoki({
      host: server.url,
      labels: { service_name: 'checkout' },
      propsToLabels: ['region'],
      batching: { interval: 0.1 },
      silenceErrors: false,
    });
    const logger = pino({ level: 'trace' }, stream);
    const before = Date.now();
    logger.warn({ region: 'eu', meta: { trace_id: 'abc123', order: 7 } }, 'basket is %s', 'empty');
    logger.fatal('the end');
    await until('two lines', async () => (await readJournal(server.url)).length === 2);
    const [first, second] = await readJournal(server.url);
    expect(first).toMatchObject({
      kind: 'log',
      level: 'warn',
      service: 'checkout',
      traceId: 'abc123',
      message: expect.stringContaining('basket is empty'),
      attributes: { region: 'eu', order: '7', hostname: expect.any(String) },
    });
    expect(Math.abs(Date.parse(first?.time ?? '') - before)).toBeLessThan(5000);
    expect(second).toMatchObject({ level: 'fatal' });
    const [sender] = server.runtime.senders.rows();
    expect(sender).toMatchObject({ protocol: 'loki', accepted: 2, rejected: 0, services: ['checkout'] });
    stream.end();
  } finally {
    await server.close();
  }
});

describe.each([
  ['JSON', true],
  ['protobuf in snappy', false],
])('winston-loki, %s', (_title, json) => {
  test('lines come with level and labels, also those that it does not escape', async () => {
    const server = await startInProcess('socket');
    const winston = startWinston(server.url, json);
    try {
      winston.logger.error('line 0', { order: 7 });
      winston.logger.debug('line 1');
      await until('two lines', async () => (await readJournal(server.url)).length === 2);
      await winston.close();
      const events = await readJournal(server.url);
      expect(events).toMatchObject([
        { level: 'error', service: 'shop', attributes: { quoted: 'say "hello"' } },
        { level: 'debug', message: expect.stringMatching(/^line 1/) },
      ]);
      expect(winston.errors).toEqual([]);
    } finally {
      await server.close();
    }
  });

  test('what was answered with 429 and 503 comes again', async () => {
    const faulty = new FaultyStore();
    const limits = { TAILRACE_INGEST_RATE: '200', TAILRACE_BREAKER_COOLDOWN_MS: '100' };
    const server = await startInProcess('socket', limits, { wrapHistory: faulty.wrap });
    const winston = startWinston(server.url, json);
    try {
      for (let index = 0; index < 600; index += 1) winston.logger.info(`line ${index}`);
      await until('the first lines', async () => (await readJournal(server.url)).length > 0);
      winston.logger.info('line 600');
      await until('429', () => winston.errors.some((error) => String(error).includes('HTTP 429')));
      await until('the lines of before', async () => numbersIn(await readJournal(server.url)).has('600'));
      faulty.isDown = true;
      await pause(3500);
      for (let index = 601; index < 700; index += 1) winston.logger.info(`line ${index}`);
      await until('503', () => winston.errors.some((error) => String(error).includes('HTTP 503')));
      faulty.isDown = false;
      await until('all lines', async () => numbersIn(await readJournal(server.url)).size === 700, 40_000);
      expect(numbersIn(await readJournal(server.url))).toEqual(numbers(700));
    } finally {
      await winston.close();
      await server.close();
    }
  });

  test('nothing is lost when the server is killed between two batches', async () => {
    const port = await freePort();
    let server = await ServerProcess.start({ port });
    const { url, dataDir } = server;
    const winston = startWinston(url, json);
    try {
      let count = 0;
      for (let kill = 0; kill < 3; kill += 1) {
        for (let burst = 0; burst < 20; burst += 1) {
          for (let index = 0; index < 20; index += 1) winston.logger.info(`line ${count++}`);
          await pause(20);
        }
        await server.kill();
        for (let index = 0; index < 50; index += 1) winston.logger.info(`line ${count++}`);
        await pause(300);
        server = await ServerProcess.start({ port, dataDir });
      }
      await until('all lines', async () => numbersIn(await readJournal(url)).size === count, 30_000);
      expect(winston.errors.length).toBeGreaterThan(0);
      expect(numbersIn(await readJournal(url))).toEqual(numbers(count));
    } finally {
      await winston.close();
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  }, 120_000);
});
