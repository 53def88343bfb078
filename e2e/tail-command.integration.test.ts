import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { actsOnTerminal } from '@/lib/cli/testing/acts-on-terminal.ts';
import { EventFactory } from './support/events.ts';
import { repoRoot, startInProcess } from './support/in-process-server.ts';
import { publish } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { freePort, ServerProcess } from './support/server-process.ts';
import { until } from './support/wait.ts';

/** `tailrace tail` as a process, what it says and how it ends. */
class TailProcess {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';

  constructor(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
    const path = process.env['PATH'] ?? '';
    this.child = spawn(process.execPath, ['scripts/tailrace.mjs', ...args], {
      cwd: repoRoot,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: path, NODE_ENV: 'production', ...environment },
    });
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
  }

  get lines(): string[] {
    return this.stdout.split('\n').slice(0, -1);
  }
  async code(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close');
    return this.child.exitCode;
  }
}

const running: TailProcess[] = [];
function tail(args: readonly string[], environment?: Readonly<Record<string, string>>): TailProcess {
  const started = new TailProcess(['tail', ...args], environment);
  running.push(started);
  return started;
}
afterEach(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await Promise.all(running.splice(0).map((one) => one.code()));
});

const log = (message: string, more: object = {}) => ({ kind: 'log', level: 'warn', service: 'api', message, ...more });
const follows = (one: TailProcess): Promise<void> =>
  until('the tail to follow', () => one.stderr.includes('following'));
const nsOf = (lines: readonly string[]): unknown[] => lines.map((line) => JSON.parse(line).attributes.n);

test('the tail begins with the newest lines and prints what comes, without colours where there is no terminal', async () => {
  const server = await startInProcess('socket');
  try {
    await publish(
      server.url,
      Array.from({ length: 20 }, (_, index) => log(`old ${index}`)),
    );
    const one = tail(['--url', server.url, '--lines', '3']);
    await follows(one);
    await publish(server.url, [
      log('first\nsecond', { attributes: { route: '/cart', n: 7 } }),
      { kind: 'metric', name: 'http.duration', value: 12.5, unit: 'ms', service: 'api' },
    ]);
    await until('its lines', () => one.lines.length === 6);
    const clock = '\\d\\d:\\d\\d:\\d\\d\\.\\d{3}';
    const patterns = [
      ...[17, 18, 19].map((n) => `^${clock} WARN {3}api {8}old ${n}$`),
      `^${clock} WARN {3}api {8}first$`,
      '^    second  route=/cart n=7$',
      `^${clock} METRIC api {8}http\\.duration = 12\\.5 ms$`,
    ];
    for (const [index, pattern] of patterns.entries()) expect(one.lines[index]).toMatch(new RegExp(pattern));
    expect(one.stderr).toBe(`-- following ${server.url} (sse)\n`);
  } finally {
    await server.close();
  }
});

test.each([
  ['--color', {}, true],
  ['--color', { NO_COLOR: '1' }, true],
  ['--no-color', {}, false],
] as const)('%s decides about colours (environment %j)', async (flag, environment, isColoured) => {
  const server = await startInProcess('socket');
  try {
    await publish(server.url, [log('hello')]);
    const one = tail(['--url', server.url, flag], environment);
    await until('its line', () => one.lines.length === 1);
    expect(one.stdout.includes('\u001b[33mWARN')).toBe(isColoured);
    expect(one.stdout.includes('\u001b')).toBe(isColoured);
  } finally {
    await server.close();
  }
});

test.each(['sse', 'ws', 'http', 'poll'])(
  'the tail filters on the server and writes JSON lines over %s',
  async (transport) => {
    const server = await startInProcess('socket');
    const factory = new EventFactory(new Random(401));
    try {
      const args = [
        '--level',
        'warn',
        '--service',
        'api',
        '--service',
        'web',
        '--q',
        'cache',
        '--from',
        '-15m',
        '--json',
      ];
      const one = tail(['--url', server.url, '--transport', transport, ...args]);
      await follows(one);
      const events = factory.many(400);
      await publish(server.url, events);
      const severe = ['warn', 'error', 'fatal'];
      const expected = events.filter(
        ({ level = '', service, message = '' }) =>
          severe.includes(level) && ['api', 'web'].includes(service) && message.includes('cache'),
      );
      expect(expected.length).toBeGreaterThan(3);
      await until('its lines', () => one.lines.length >= expected.length);
      expect(nsOf(one.lines)).toEqual(expected.map(({ attributes }) => attributes.n));
      expect(one.stderr).toContain(`(${transport})`);
    } finally {
      await server.close();
    }
  },
);

test('a restart of the server is told in words, and no line is lost or comes twice', async () => {
  const port = await freePort();
  const environment = { TAILRACE_GRPC_PORT: 'off' };
  const factory = new EventFactory(new Random(402));
  const first = await ServerProcess.start({ port, environment });
  let server = first;
  const sent: string[] = [];
  const send = async (count: number): Promise<void> => {
    const events = factory.many(count);
    await publish(server.url, events);
    sent.push(...events.map(({ attributes }) => attributes.n));
  };
  const one = tail(['--url', server.url, '--lines', '5', '--json']);
  try {
    await follows(one);
    await send(100);
    await until('the first part', () => one.lines.length === 100);
    await server.kill();
    await until('the loss to be told', () => one.stderr.includes('-- connection lost: '));
    server = await ServerProcess.start({ port, dataDir: first.dataDir, environment });
    await send(100);
    await until('the rest', () => one.lines.length >= sent.length);
    expect(nsOf(one.lines)).toEqual(sent);
    await until('the return to be told', () => one.stderr.includes('restored'));
    expect(one.stderr).toMatch(/-- connection restored after \d+\.\d s \(\w+\); nothing lost\n$/);
    expect(one.stderr.match(/connection lost/g)).toHaveLength(1);
  } finally {
    await server.kill();
    await first.stop();
  }
});

test('a tail started before its server waits for it', async () => {
  const port = await freePort();
  const one = tail(['--url', `http://127.0.0.1:${port}`, '--json']);
  await until('the wait to be told', () => one.stderr.includes(`-- no connection to http://127.0.0.1:${port}: `));
  const server = await ServerProcess.start({ port, environment: { TAILRACE_GRPC_PORT: 'off' } });
  try {
    await publish(server.url, [log('at last')]);
    await until('its line', () => one.lines.length === 1);
  } finally {
    await server.stop();
  }
});

test('a place in another journal is told in words', async () => {
  const server = await startInProcess('socket');
  try {
    const one = tail(['--url', server.url, '--from', 'Another1.5']);
    await follows(one);
    expect(one.stderr).toMatch(/^-- a new journal begins here: the journal began anew\n-- following /);
  } finally {
    await server.close();
  }
});

const HOSTILE = [
  'title \u001b]0;owned\u0007 end',
  'clear \u001b[2J\u001b[H end',
  'c1 \u009b2J\u009d0;x\u009c end',
  'bidi \u202etxt.exe\u202c \u2066x\u2069 end',
  'over\rwritten\b\b\b',
  'link \u001b]8;;http://x\u001b\\text\u001b]8;;\u001b\\',
  'dcs \u001bPq#0\u001b\\ \u0090q\u009c',
  '12:00:00.000 INFO   api  forged\n12:00:00.001 INFO   api  forged too',
];

test.each([[[]], [['--color']], [['--json']]])(
  'nothing that a sender writes acts on the terminal (%j)',
  async (args) => {
    const server = await startInProcess('socket');
    try {
      const logs = HOSTILE.map((text) =>
        log(text, { service: text, attributes: { [text]: text, deep: [{ [text]: text }] } }),
      );
      const metrics = HOSTILE.map((text) => ({
        kind: 'metric',
        name: text,
        value: 1,
        unit: text.slice(0, 9),
        service: text,
      }));
      await publish(server.url, [...logs, ...metrics, log('the last')]);
      const one = tail(['--url', server.url, '--lines', '100', ...args]);
      await until('its lines', () => one.stdout.includes('the last'));
      expect(actsOnTerminal(one.stdout)).toEqual([]);
      const isJson = args.length > 0 && args[0] === '--json';
      if (isJson)
        expect(one.lines.slice(0, HOSTILE.length).map((line) => JSON.parse(line).message)[1]).toBe(HOSTILE[1]);
      else expect(one.lines.filter((line) => line.startsWith('12:00:00.001'))).toEqual([]);
    } finally {
      await server.close();
    }
  },
);

test('it ends well when whoever reads its output has had enough', async () => {
  const server = await startInProcess('socket');
  try {
    const one = tail(['--url', server.url]);
    await follows(one);
    await publish(server.url, [log('one')]);
    await until('a line', () => one.lines.length === 1);
    one.child.stdout?.destroy();
    await publish(server.url, [log('two')]);
    await publish(server.url, [log('three')]);
    expect(await one.code()).toBe(0);
    expect(one.stderr).toBe(`-- following ${server.url} (sse)\n`);
    await until('no line', () => server.runtime.hub.connections === 0);
  } finally {
    await server.close();
  }
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends it with %i and without a stack trace', async (signal, code) => {
  const server = await startInProcess('socket');
  try {
    const one = tail(['--url', server.url]);
    await follows(one);
    one.child.kill(signal);
    expect(await one.code()).toBe(code);
    expect(one.stderr).toBe(`-- following ${server.url} (sse)\n`);
  } finally {
    await server.close();
  }
});

test('it gives up when it was told how long to wait, and when the server asks it to stop', async () => {
  const unreachable = tail(['--url', `http://127.0.0.1:${await freePort()}`, '--wait', '1']);
  expect(await unreachable.code()).toBe(1);
  expect(unreachable.stderr).toMatch(/^-- no connection to .*\n-- gave up: .* within 1 s\n$/);
  const server = createServer((_, res) => res.writeHead(204).end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const refused = tail(['--url', `http://127.0.0.1:${(server.address() as AddressInfo).port}`, '--lines', '0']);
  expect(await refused.code()).toBe(1);
  expect(refused.stderr).toBe('-- the stream has ended for good: the server asked to stop (204)\n');
  server.close();
});

test('what it does not understand it refuses with 2, and help is no error', async () => {
  const wrong = tail(['--levle', 'warn']);
  expect(await wrong.code()).toBe(2);
  expect(wrong.stderr).toBe("tailrace: Unknown option '--levle'\ntry: tailrace tail --help\n");
  const help = tail(['--help']);
  expect(await help.code()).toBe(0);
  expect(help.stdout).toContain('--service NAME');
  const command = new TailProcess(['tial']);
  expect(await command.code()).toBe(2);
  expect(command.stderr).toContain('unknown command "tial"');
});
