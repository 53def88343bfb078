import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import winston from 'winston';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { programPath } from './support/programs.ts';
import { Rsyslog } from './support/rsyslog.ts';
import { freePort, ServerProcess } from './support/server-process.ts';
import { storedEvents, storedMessages, untilOfService } from './support/stored-events.ts';
import { until } from './support/wait.ts';

const run = promisify(execFile);

let server: InProcessServer;
let port: number;
beforeAll(async () => {
  server = await startInProcess('socket', { TAILRACE_SYSLOG_PORT: '0' });
  port = server.listeners.ports.syslog ?? 0;
});
afterAll(async () => {
  await server.close();
  expect(server.runtime.ledger.heldTotal).toBe(0);
});

const eventsOf = (service: string, count: number) => untilOfService(server.url, service, count);

describe('logger of util-linux', () => {
  test.each<[string, string[]]>([
    ['RFC 5424 by UDP', ['--udp', '--rfc5424']],
    ['RFC 5424 by TCP', ['--tcp', '--rfc5424']],
    ['RFC 5424 by TCP, counted', ['--tcp', '--rfc5424', '--octet-count']],
    ['RFC 3164 by UDP', ['--udp', '--rfc3164']],
    ['RFC 3164 by TCP', ['--tcp', '--rfc3164']],
    ['RFC 3164 by TCP, counted', ['--tcp', '--rfc3164', '--octet-count']],
  ])('%s', async (title, options) => {
    const service = title.toLowerCase().replace(/\W+/g, '-');
    const target = ['-n', '127.0.0.1', '-P', String(port)];
    const sender = ['-t', service, '--id=77', '-p', 'daemon.warning'];
    await run(programPath('logger', 'bsdutils'), [...options, ...target, ...sender, 'größer als <1> [x y="z"]']);
    const [event, ...others] = await eventsOf(service, 1);
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      level: 'warn',
      message: 'größer als <1> [x y="z"]',
      attributes: { pid: 77, facility: 'daemon', severity: 'warning', host: expect.stringMatching(/./) },
    });
    expect(Math.abs(Date.parse(event?.time ?? '') - Date.now())).toBeLessThan(30_000);
  });

  test('structured data, a message id, and a text over several lines, counted', async () => {
    const data = ['--sd-id', 'zoo@123', '--sd-param', 'tiger="hungry"', '--sd-param', 'zebra="run\\"ning"'];
    const target = ['--tcp', '--octet-count', '--rfc5424', '--msgid', 'ID7', '-n', '127.0.0.1', '-P', String(port)];
    await run(programPath('logger', 'bsdutils'), [...target, ...data, '-t', 'zoo', 'one\ntwo']);
    const [event] = await eventsOf('zoo', 1);
    expect(event).toMatchObject({
      message: 'one\ntwo',
      attributes: { msgId: 'ID7', 'zoo@123.tiger': 'hungry', 'zoo@123.zebra': 'run"ning' },
    });
  });
});

describe('rsyslogd', () => {
  test.each<[string, string, string]>([
    ['relay-udp', 'protocol="udp" template="RSYSLOG_TraditionalForwardFormat"', 'h1'],
    ['relay-tcp', 'protocol="tcp" template="RSYSLOG_ForwardFormat"', 'h2'],
    ['relay-counted', 'protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format"', 'h3'],
    ['relay-packed', 'protocol="tcp" compression.mode="none" template="RSYSLOG_SyslogProtocol23Format"', 'h4'],
  ])('%s: a thousand messages come through, each once, in order', async (service, forward, host) => {
    const rsyslog = await Rsyslog.start({ forward, targetPort: port });
    try {
      const lines = Array.from(
        { length: 1000 },
        (_, n) => `<134>Oct 11 22:14:15 ${host} ${service}[42]: message ${n} ÄÖÜ`,
      );
      await rsyslog.send(lines);
      const events = await eventsOf(service, 1000);
      expect(events.map(({ message }) => message)).toEqual(lines.map((_, n) => `message ${n} ÄÖÜ`));
      expect(events[0]).toMatchObject({ level: 'info', attributes: { host, pid: 42, facility: 'local0' } });
    } finally {
      await rsyslog.stop();
    }
  });

  test('with a queue on disk it survives a server that is killed and started again; only what was in the socket may be lost', async () => {
    const [httpPort, syslogPort] = [await freePort(), await freePort()];
    const environment = { TAILRACE_SYSLOG_PORT: String(syslogPort) };
    let process = await ServerProcess.start({ port: httpPort, environment });
    const { url, dataDir } = process;
    const queue =
      'queue.type="LinkedList" queue.filename="q" queue.saveOnShutdown="on" action.resumeRetryCount="-1" action.resumeInterval="1"';
    const rsyslog = await Rsyslog.start({ forward: `protocol="tcp" ${queue}`, targetPort: syslogPort });
    const batch = (from: number): string[] =>
      Array.from({ length: 500 }, (_, index) => `<134>Oct 11 22:14:15 h queued: message ${from + index}`);
    try {
      await rsyslog.send(batch(0));
      await until('the first batch', async () => (await storedMessages(url)).length === 500);
      await process.kill();
      // Sent while nobody listens: the first write after the end goes into a socket that is closed already.
      await rsyslog.send(batch(500));
      await pause(500);
      process = await ServerProcess.start({ port: httpPort, environment, dataDir });
      await rsyslog.send(batch(1000));
      await until(
        'the last batch',
        async () => {
          const messages = new Set(await storedMessages(url));
          return batch(1000).every((line) => messages.has(line.split(': ')[1] ?? ''));
        },
        40_000,
      );
      const messages = await storedMessages(url);
      const stored = new Set(messages);
      expect(stored.size).toBe(messages.length);
      const missing = (from: number): string[] =>
        batch(from)
          .map((line) => line.split(': ')[1] ?? '')
          .filter((message) => !stored.has(message));
      expect([missing(0), missing(1000)]).toEqual([[], []]);
      // omfwd gets no acknowledgement: what it wrote before it was told of the end, it takes for sent.
      expect(missing(500).length).toBeLessThan(50);
    } finally {
      await rsyslog.stop();
      await process.stop();
      await rm(dataDir, { recursive: true, force: true });
    }
  }, 120_000);
});

test('winston, writing lines of JSON into a socket: each line is read as what it says', async () => {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const logger = winston.createLogger({
    transports: [new winston.transports.Stream({ stream: socket })],
    format: winston.format.json(),
  });
  for (let n = 0; n < 100; n += 1) logger.warn('from winston', { n });
  logger.end();
  socket.end();
  const read = () => storedEvents(server.url, '&service=syslog&q=winston');
  await until('a hundred lines', async () => (await read()).length >= 100);
  expect((await read()).map(({ level, message, attributes }) => ({ level, message, n: attributes['n'] }))).toEqual(
    Array.from({ length: 100 }, (_, n) => ({ level: 'warn', message: 'from winston', n })),
  );
});
