import { expect, test } from 'vitest';
import { sparkPoints } from '@/components/ui/sparkline.tsx';
import { SenderBook } from '@/lib/ingest/sender-book.ts';
import { RATES_MAX, RateMemory } from './rate-memory.ts';
import {
  agoWord,
  errorWord,
  protocolWord,
  senderState,
  shownSentence,
  skewWord,
  unchartedSentence,
} from './source-words.ts';

const NOW_MS = 1_800_000_000_000;

test('a protocol that has no word here is shown as it names itself, whatever that is', () => {
  expect(['events', 'otlp', 'carrier-pigeon', 'constructor', '__proto__'].map(protocolWord)).toEqual([
    'HTTP',
    'OTLP',
    'carrier-pigeon',
    'constructor',
    '__proto__',
  ]);
});

test('a clock is ahead or behind, and off by more than five seconds is marked', () => {
  expect(skewWord(null)).toBeUndefined();
  expect(skewWord(0)).toEqual({ text: '0 ms', isOff: false });
  expect(skewWord(-45)).toEqual({ text: '−45 ms', isOff: false });
  expect(skewWord(61_000)).toEqual({ text: '+1 min 1 s', isOff: true });
});

test('a refusal of the last minute weighs more than what was taken since', () => {
  const lastError = { atMs: NOW_MS - 30_000, says: 'no', count: 1 };
  expect(senderState({ lastMs: NOW_MS, lastError }, NOW_MS).tone).toBe('bad');
  expect(senderState({ lastMs: NOW_MS + 60_000, lastError }, NOW_MS + 60_000).tone).toBe('good');
  expect(senderState({ lastMs: NOW_MS - 20_000, lastError: undefined }, NOW_MS).tone).toBe('neutral');
});

test('an error is told exactly as it was answered', () => {
  expect(errorWord({ status: 413, says: 'the body is larger than 1 MiB' })).toBe('413 · the body is larger than 1 MiB');
  expect(errorWord({ says: '<b>' })).toBe('<b>');
  expect([agoWord(NOW_MS, NOW_MS), agoWord(NOW_MS - 4200, NOW_MS)]).toEqual(['now', '4 s ago']);
});

test('samples that are not charted are told with the limit and what to do', () => {
  const uncharted = { samples: 12_031, series: 57, hasMoreSeries: false, seriesMax: 10_000, worst: [] };
  expect(unchartedSentence(uncharted)).toBe(
    '12,031 samples of 57 series were not charted: the limit of 10,000 series is reached; set TAILRACE_SERIES_MAX.',
  );
  expect(unchartedSentence({ ...uncharted, hasMoreSeries: true })).toContain('of more than 57 series');
  expect(unchartedSentence({ ...uncharted, samples: 1, series: 1 })).toMatch(/^1 sample of 1 series was not/);
  expect(unchartedSentence({ ...uncharted, samples: 0 })).toBeUndefined();
});

test('rows that are not shown and senders that are forgotten are said', () => {
  expect(shownSentence({ rows: [], matching: 0, forgotten: 0 })).toBe('0 sources');
  expect(shownSentence({ rows: [], matching: 1200, forgotten: 3 })).toBe(
    'The first 0 of 1,200: sort or filter to see others. · 3 forgotten',
  );
});

test('a minute of each shown rate is kept, and those of senders that are shown no more go', () => {
  const book = new SenderBook(() => NOW_MS);
  const row = { ...book.of({ protocol: 'events', address: 'a' }).row(NOW_MS), eventsPerSecond: 0 };
  const memory = new RateMemory();
  for (let second = 0; second < 100; second += 1) memory.note([{ ...row, eventsPerSecond: second }]);
  expect(memory.of(row)).toEqual(Array.from({ length: RATES_MAX }, (_, n) => 40 + n));
  memory.note([]);
  expect(memory.of(row)).toEqual([]);
});

test('the newest value of a sparkline is at the right, the greatest at the top, and zeros on the floor', () => {
  expect(sparkPoints([0, 4, 2], 3)).toBe('0.0,15.0 30.0,1.0 60.0,8.0');
  expect(sparkPoints([0, 0], 60)).toMatch(/,15.0 60.0,15.0$/);
  expect(sparkPoints([], 60)).toBe('');
});
