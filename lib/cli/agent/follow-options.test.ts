import { expect, test } from 'vitest';
import { parsePipe } from '../pipe/pipe-options.ts';
import { parseFollow, sendsFiles } from './follow-options.ts';

const HOME = { HOME: '/home/me' };

test.each([
  [['app.log'], true],
  [['--url', 'http://host', 'app.log'], true],
  [['--journal'], true],
  [['-u', 'ssh', '--journal'], true],
  [[], false],
  [['--level', 'warn', '--q', 'text', '-n', '5', '--transport', 'ws'], false],
  [['--from', '-15m'], false],
  [['--service', 'api', '--url', 'http://host', '--token', 't'], false],
])('%j sends files: %j', (args, sends) => {
  expect(sendsFiles(args)).toBe(sends);
});

test('without options files are followed from where they were left, or their end', () => {
  expect(parseFollow(['a.log', 'b.log'], HOME)).toEqual({
    kind: 'run',
    options: {
      files: ['a.log', 'b.log'],
      journal: undefined,
      url: 'http://127.0.0.1:3000',
      token: undefined,
      service: undefined,
      fromStart: false,
      forget: false,
      once: false,
      format: undefined,
      stateDir: '/home/me/.local/state/tailrace',
      waitMs: undefined,
    },
  });
});

test('every option arrives, and a token may come from the environment', () => {
  const args = [
    '--journal',
    '-u',
    'a',
    '--unit',
    'b',
    '--once',
    '--from-start',
    '--forget',
    '--wait',
    '5',
    '--service',
    'x',
  ];
  const environment = { XDG_STATE_HOME: '/state', TAILRACE_TOKEN: 'secret' };
  expect(parseFollow(args, environment)).toMatchObject({
    options: {
      journal: { units: ['a', 'b'] },
      fromStart: true,
      forget: true,
      once: true,
      waitMs: 5_000,
      service: 'x',
      token: 'secret',
      stateDir: '/state/tailrace',
    },
  });
  expect(parseFollow(['--token', 'mine', '--state', 'here', '--format', 'cri', 'f'], environment)).toMatchObject({
    options: { token: 'mine', stateDir: 'here', format: 'cri' },
  });
});

test.each([
  [['--journal', 'app.log'], /^--journal and files are two commands/],
  [['--unit', 'ssh', 'app.log'], /^--unit goes with --journal$/],
  [['app.log.gz'], /use --once$/],
  [['--token', 'a b', 'f'], /^--token: expected a token without spaces$/],
  [['--nosuch', 'f'], /unknown option '--nosuch'$/i],
])('%j is refused with a sentence that names what is wrong', (args, problem) => {
  const parsed = parseFollow(args, HOME);
  expect(parsed.kind === 'wrong' && parsed.problem).toMatch(problem);
});

test('what follows -- is the command, with its own options', () => {
  expect(parsePipe(['--quiet', '--', '/usr/bin/node', '--version', '--', '--quiet'], HOME)).toMatchObject({
    options: { isQuiet: true, serviceElse: 'node', command: ['/usr/bin/node', '--version', '--', '--quiet'] },
  });
  expect(parsePipe(['--service', 'api', '--drain-seconds', '0'], HOME)).toMatchObject({
    options: { service: 'api', serviceElse: 'pipe', drainMs: 0, spoolBytesMax: 268_435_456, command: undefined },
  });
  expect(parsePipe(['-h'], HOME)).toEqual({ kind: 'help' });
});
