import { expect, test } from 'vitest';
import { formatOf, unwrapLine } from './line-format.ts';

test.each([
  ['2026-06-01T10:00:00.123456789Z stdout F hello', 'cri'],
  ['2026-06-01T10:00:00+02:00 stderr P', 'cri'],
  ['{"log":"hello\\n","stream":"stdout","time":"2026-06-01T10:00:00Z"}', 'docker'],
  ['{"log":"hello', 'plain'],
  ['{"logger":"a","msg":"b"}', 'plain'],
  ['2026-06-01T10:00:00Z INFO stdout F', 'plain'],
  ['', 'plain'],
] as const)('%s is wrapped as %s', (line, format) => {
  expect(formatOf(line)).toBe(format);
});

test('a container line is its text, time and stream, with the spaces it had', () => {
  expect(unwrapLine('2026-06-01T10:00:00.5Z stdout F   two  spaces \r', 'cri')).toEqual({
    text: '  two  spaces ',
    timeMs: Date.parse('2026-06-01T10:00:00.5Z'),
    stream: 'stdout',
  });
  expect(unwrapLine('2026-06-01T10:00:00Z stderr P half', 'cri')).toMatchObject({ text: 'half', isPartial: true });
  expect(unwrapLine('2026-06-01T10:00:00Z stdout F', 'cri')).toMatchObject({ text: '' });
});

test('a line of Docker goes on until its text ends with a line end', () => {
  const record = (log: string) => JSON.stringify({ log, stream: 'stderr', time: '2026-06-01T10:00:00Z' });
  expect(unwrapLine(record('half'), 'docker')).toMatchObject({ text: 'half', isPartial: true, stream: 'stderr' });
  expect(unwrapLine(record('whole\r\n'), 'docker')).toEqual({
    text: 'whole',
    timeMs: Date.parse('2026-06-01T10:00:00Z'),
    stream: 'stderr',
  });
});

test.each(['{"log":7}', 'not wrapped', '{"log":"cut', 'null', '[]'])('%s stays as it is', (line) => {
  expect(unwrapLine(line, 'docker')).toEqual({ text: line });
  expect(unwrapLine(line, 'cri')).toEqual({ text: line });
});
