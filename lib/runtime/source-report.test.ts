import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SenderBook } from '@/lib/ingest/sender-book.ts';
import type { SenderRow } from '@/lib/wire/source-pages.ts';
import { senderKey } from '@/lib/wire/source-pages.ts';
import { SENDER_SORTS, sourceQuerySchema, sourcesFrameSchema } from '@/lib/wire/source-query.ts';
import { sortSenders, sourceReport } from './source-report.ts';

const NOW_MS = 1_800_000_000_000;

function makeContext() {
  const senders = new SenderBook(() => NOW_MS);
  const targets = [{ job: 'node', url: 'http://scraper:secret@10.0.0.1:9100/metrics' }];
  return {
    config: { host: '127.0.0.1', scrape: { targets, intervalMs: 1000, samplesMax: 10_000 } },
    journal: { epoch: 'AAAAAAAA', headSeq: 7 },
    senders,
    openPorts: { syslog: 5514 },
    uncharted: () => ({ samples: 0, series: 0, hasMoreSeries: false, seriesMax: 10, worst: [] }),
  };
}

const query = (given: Record<string, string> = {}) => sourceQuerySchema.parse(given);

test('a report is a frame of the stream, whatever the senders have done', () => {
  const context = makeContext();
  const sender = context.senders.of({ protocol: 'loki', address: '10.0.0.9', credential: 'ci' });
  sender.accept(3, NOW_MS);
  sender.reject('timestamp: expected a string', NOW_MS);
  const report = sourceReport(context, query({ open: 'loki 10.0.0.9 ci' }), NOW_MS);
  expect(sourcesFrameSchema.parse(JSON.parse(JSON.stringify(report)))).toEqual(report);
  expect(report).toMatchObject({ head: 'AAAAAAAA.7', senders: 1, open: { errors: [{ count: 1 }] } });
});

test('a text is found in every word of a row, and the sums are those of all senders', () => {
  const context = makeContext();
  context.senders.of({ protocol: 'loki', address: '10.0.0.9', credential: 'ci' }).accept(10, NOW_MS);
  context.senders.of({ protocol: 'syslog', address: '10.0.0.10' }).tell('PRI: expected <0> to <191>', NOW_MS);
  for (const [q, matching] of [
    ['LOKI', 1],
    ['10.0.0', 2],
    ['ci', 1],
    ['<191>', 1],
    ['nobody', 0],
  ] as const) {
    const report = sourceReport(context, query({ q }), NOW_MS);
    expect([q, report.matching, report.senders]).toEqual([q, matching, 2]);
    expect(report.eventsPerSecond).toBeCloseTo(1);
  }
  expect(sourceReport(context, query({ limit: '1' }), NOW_MS)).toMatchObject({ matching: 2, rows: [{}] });
  expect(sourceReport(context, query({ open: 'nobody' }), NOW_MS).open).toBeUndefined();
});

test('the password of a scrape target stays on the server', () => {
  const { doors } = sourceReport(makeContext(), query(), NOW_MS);
  expect(doors).toEqual({
    host: '127.0.0.1',
    ports: { syslog: 5514 },
    scrape: [{ job: 'node', url: 'http://10.0.0.1:9100/metrics' }],
  });
});

const row = (given: Partial<SenderRow>): SenderRow => ({
  ...new SenderBook(() => NOW_MS).of({ protocol: 'events', address: 'a' }).row(NOW_MS),
  ...given,
});

test('the clock that is most wrong comes first, whichever way; one that nobody knows comes last', () => {
  const rows = [
    row({ address: 'a', skewMs: null }),
    row({ address: 'b', skewMs: -900 }),
    row({ address: 'c', skewMs: 5 }),
  ];
  const addresses = sortSenders(rows, { sort: 'skew', order: 'desc' }).map(({ address }) => address);
  expect(addresses).toEqual(['b', 'c', 'a']);
});

test('the order depends on the values alone, not on the order in which senders came', () => {
  const count = fc.integer({ min: 0, max: 3 });
  const rows = fc.uniqueArray(
    fc
      .record({ address: fc.string(), accepted: count, rejected: count, lastMs: count, bytesPerSecond: count })
      .map((given) => row(given)),
    { selector: senderKey, maxLength: 12 },
  );
  fc.assert(
    fc.property(
      rows,
      fc.constantFrom(...SENDER_SORTS),
      fc.constantFrom('asc' as const, 'desc' as const),
      (given, sort, order) => {
        const sorted = sortSenders(given, { sort, order });
        expect(sortSenders([...given].reverse(), { sort, order })).toEqual(sorted);
        expect(sorted).toHaveLength(given.length);
      },
    ),
    { seed: 5 },
  );
});
