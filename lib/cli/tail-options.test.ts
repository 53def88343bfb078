import { expect, test } from 'vitest';
import { parseTail } from './tail-options.ts';

test('without options the tail follows everything on this machine, beginning with the newest ten', () => {
  expect(parseTail([])).toEqual({
    kind: 'run',
    options: {
      url: 'http://127.0.0.1:3000',
      filter: {},
      from: undefined,
      lines: 10,
      transport: 'auto',
      json: false,
      color: undefined,
      token: undefined,
      waitMs: undefined,
    },
  });
});

test('every option arrives where it belongs', () => {
  const args = ['--url', 'https://host/logs', '--level', 'warn', '--service', 'api', '--service=web', '--q', 'a b'];
  const parsed = parseTail([
    ...args,
    '--from',
    '-15m',
    '--transport',
    'ws',
    '--json',
    '--no-color',
    '--token',
    't.1',
    '--wait',
    '5',
  ]);
  expect(parsed).toMatchObject({
    kind: 'run',
    options: {
      url: 'https://host/logs',
      filter: { level: 'warn', services: ['api', 'web'], q: 'a b' },
      from: '-15m',
      transport: 'ws',
      json: true,
      color: false,
      token: 't.1',
      waitMs: 5000,
    },
  });
});

test('help is asked for in two ways', () => {
  expect([parseTail(['--help']), parseTail(['-h', '--json'])]).toEqual([{ kind: 'help' }, { kind: 'help' }]);
});

test.each([
  [['--colour'], /unknown option '--colour'$/i],
  [['api'], /unexpected argument 'api'/i],
  [['--level', 'loud'], /^--level: expected one of trace, debug, info, warn, error, fatal$/],
  [['--kind', 'trace'], /^--kind: expected log or metric$/],
  [['--transport', 'pigeon'], /^--transport: expected auto, sse, ws, http, poll$/],
  [['--from', 'yesterday'], /^--from: expected "now", a position/],
  [['--lines', '-3'], /--lines/],
  [['-n', '5001'], /^--lines: expected a whole number up to 5000$/],
  [['--url', 'localhost:3000'], /^--url: expected an address/],
  [['--url', 'http://me:secret@host'], /^--url: expected an address/],
  [['--token', 'a b'], /^--token: expected a token without spaces$/],
  [['--json=yes'], /--json/],
  [['--from', 'now', '--lines', '3'], /use one of them$/],
])('%j is refused with a sentence that names what is wrong', (args, problem) => {
  const parsed = parseTail(args);
  expect(parsed.kind).toBe('wrong');
  expect(parsed.kind === 'wrong' && parsed.problem).toMatch(problem);
});
