import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseExpositionLine } from './exposition-line.ts';

describe('A line of a target', () => {
  test('has a name, labels, a value and perhaps a time', () => {
    expect(parseExpositionLine('up 1')).toEqual({ name: 'up', labels: [], value: 1, time: undefined });
    expect(parseExpositionLine('http_requests_total{method="post",code="200"} 1027 1395066363000')).toEqual({
      name: 'http_requests_total',
      labels: [
        ['method', 'post'],
        ['code', '200'],
      ],
      value: 1027,
      time: 1395066363000,
    });
    expect(parseExpositionLine('  spaced \t { a = "1" , b="2", }\t 3e-2  -3982045 ')).toMatchObject({
      labels: [
        ['a', '1'],
        ['b', '2'],
      ],
      value: 0.03,
      time: -3982045,
    });
    expect(parseExpositionLine('empty{} .5')).toMatchObject({ labels: [], value: 0.5 });
  });

  test('may say what is no number of JSON', () => {
    expect(parseExpositionLine('x +Inf')?.value).toBe(Number.POSITIVE_INFINITY);
    expect(parseExpositionLine('x -Inf')?.value).toBe(Number.NEGATIVE_INFINITY);
    expect(parseExpositionLine('x NaN')?.value).toBeNaN();
    expect(parseExpositionLine('latency_bucket{le="+Inf"} 144320')).toMatchObject({ labels: [['le', '+Inf']] });
  });

  test('escapes backslash, quote and line end, and nothing else', () => {
    const line = 'x{path="C:\\\\DIR\\\\FILE.TXT",error="Cannot find file:\\n\\"FILE.TXT\\"",odd="\\t"} 1';
    expect(parseExpositionLine(line)?.labels).toEqual([
      ['path', 'C:\\DIR\\FILE.TXT'],
      ['error', 'Cannot find file:\n"FILE.TXT"'],
      ['odd', '\\t'],
    ]);
  });

  test('may quote names that are no names of old', () => {
    expect(parseExpositionLine('{"http.server.duration","k8s.pod"="a b",code="200"} 5')).toMatchObject({
      name: 'http.server.duration',
      labels: [
        ['k8s.pod', 'a b'],
        ['code', '200'],
      ],
    });
  });

  test('may have an exemplar, which is left out', () => {
    expect(parseExpositionLine('foo_bucket{le="0.1"} 8 # {trace_id="KOO5S4vxi0o"} 0.067 1520879607.789')).toMatchObject(
      {
        value: 8,
        time: undefined,
      },
    );
    expect(parseExpositionLine('foo_total 17.0 1520879607.789 # {trace_id="KOO5"} 0.6')).toMatchObject({
      value: 17,
      time: 1520879607.789,
    });
  });

  test.each([
    '',
    'x',
    'x ',
    'x one',
    'x 1 2 3',
    'x 1 now',
    'x{a="1" 1',
    'x{a=1} 1',
    'x{="1"} 1',
    'x{"a"} 1',
    'x{a="1"b="2"} 1',
    '{a="1"} 1',
    '{} 1',
    '1x 1',
    'a-b 1',
    '<html>',
    'x 0x10',
    'x 1_000',
    'x "1"',
  ])('%j is none', (line) => {
    expect(parseExpositionLine(line)).toBeUndefined();
  });
});

test('whatever a target labels is read back', () => {
  const name = fc.stringMatching(/^[a-zA-Z_][a-zA-Z0-9_]{0,10}$/);
  const text = fc.string({ unit: 'binary', maxLength: 40 });
  const quoted = (value: string) =>
    `"${value.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`))}"`;
  const property = fc.property(
    text,
    fc.array(fc.tuple(fc.oneof(name, text), text), { maxLength: 6 }),
    fc.double(),
    (metric, labels, value) => {
      const parts = [quoted(metric), ...labels.map(([key, held]) => `${quoted(key)}=${quoted(held)}`)];
      const shown = Number.isNaN(value) ? 'NaN' : String(value).replace('Infinity', 'Inf');
      const expected =
        metric === ''
          ? undefined
          : { name: metric, labels, value: value === 0 ? Number(shown) : value, time: undefined };
      expect(parseExpositionLine(`{${parts.join(',')}} ${shown}`)).toEqual(expected);
    },
  );
  fc.assert(property, { seed: 3 });
});

test('hostile lines are read or refused before the test runs out of time', () => {
  const LENGTH = 64 * 1024;
  for (const [begun, piece] of [
    ['x ', '1'],
    ['x 1', ' '],
    ['x 1 1', ' '],
    ['x 1 ', '1'],
    ['x 1', ' #'],
    ['x{a="', '\\"'],
    ['x{', 'a="",'],
    ['x{a="', '",a="'],
    ['x', '{'],
    ['', ' '],
    ['x{', ' '],
  ] as const) {
    for (const end of ['', '!', '"} 1']) parseExpositionLine(`${begun.padEnd(LENGTH, piece)}${end}`);
  }
});

test('any text is read or refused, and never throws', () => {
  const piece = fc.constantFrom('{', '}', '"', '\\', ',', '=', ' ', '#', 'x', '1', '\n', 'é', '\u0000', 'NaN');
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece).map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(text, (line) => void parseExpositionLine(line)),
    { seed: 4, numRuns: 2000 },
  );
});
