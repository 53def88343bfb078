import { describe, expect, test } from 'vitest';
import { testProtocol } from '../testing/protocol-contract.ts';
import { type GivenSeries, STALE, writeRequestV1, writeRequestV2 } from '../testing/remote-write-bodies.ts';
import { headOf, runProtocol } from '../testing/run-protocol.ts';
import { createRemoteWrite } from './remote-write.ts';

const T = Date.UTC(2026, 0, 1, 0, 0, 1, 234);
const TIME = '2026-01-01T00:00:01.234Z';
const V1 = { 'Content-Type': 'application/x-protobuf', 'X-Prometheus-Remote-Write-Version': '0.1.0' };
const V2 = { 'Content-Type': 'application/x-protobuf;proto=io.prometheus.write.v2.Request' };

const v1 = (series: readonly GivenSeries[], headers = {}) =>
  runProtocol(createRemoteWrite(), { body: writeRequestV1(series), headers: { ...V1, ...headers } });
const v2 = (series: readonly GivenSeries[]) =>
  runProtocol(createRemoteWrite(), { body: writeRequestV2(series), headers: V2 });

function writtenIn(response: Response): (number | string | null)[] {
  return ['Samples', 'Histograms', 'Exemplars'].map((kind) =>
    response.headers.get(`X-Prometheus-Remote-Write-${kind}-Written`),
  );
}

const SERIES: readonly GivenSeries[] = [
  {
    labels: { __name__: 'http_requests_total', job: 'shop', instance: 'a:1', code: '200' },
    samples: [
      { value: 12, timeMs: T },
      { value: 13.5, timeMs: T + 1000 },
    ],
  },
  { labels: { __name__: 'temperature_celsius', service: 'cellar' }, samples: [{ value: -3, timeMs: T }] },
  { labels: { job: 'nameless' }, samples: [{ value: 1, timeMs: T }] },
  {
    labels: { __name__: 'rpc_seconds', job: 'shop' },
    histograms: [
      {
        timeMs: T,
        count: 4,
        sum: 6,
        zero: { threshold: 0.001, count: 1 },
        positive: {
          spans: [
            [0, 2],
            [1, 1],
          ],
          deltas: [1, 0, 0],
        },
        negative: { spans: [[0, 1]], deltas: [1] },
      },
    ],
  },
];
const BECOMES = [
  { name: 'http_requests_total', value: 12, type: 'counter', service: 'shop', time: T, attributes: { code: '200' } },
  { value: 13.5 },
  { name: 'temperature_celsius', value: -3, type: 'gauge', unit: 'Cel', service: 'cellar' },
  /expected a label __name__/,
  { name: 'rpc_seconds_count', value: 4, type: 'counter', unit: '1' },
  { name: 'rpc_seconds_sum', value: 6, type: 'counter', unit: 's' },
  { name: 'rpc_seconds', type: 'gauge', unit: 's', attributes: { quantile: '0.5' } },
  { attributes: { quantile: '0.9' } },
  { attributes: { quantile: '0.99' } },
];

describe('Remote write 1', () => {
  testProtocol({
    protocol: createRemoteWrite,
    samples: [
      {
        title: 'samples, a histogram, a series without a name',
        headers: V1,
        body: writeRequestV1(SERIES),
        becomes: BECOMES,
      },
    ],
    write: (text, name) => ({
      headers: V1,
      body: writeRequestV1([
        {
          labels: Object.fromEntries([
            ['__name__', 'n'],
            ['text', text],
            [name, 'v'],
          ]),
          samples: [{ value: 1, timeMs: T }],
        },
      ]),
    }),
    textIn: 'attributes',
  });

  test('takes the type and unit of what the same request tells about a family', async () => {
    const body = writeRequestV1(
      [
        { labels: { __name__: 'reads' }, samples: [{ value: 1, timeMs: T }] },
        { labels: { __name__: 'open_count' }, samples: [{ value: 1, timeMs: T }] },
        { labels: { __name__: 'latency_sum' }, samples: [{ value: 1, timeMs: T }] },
      ],
      [
        { name: 'reads', type: 1, unit: 'bytes' },
        { name: 'open_count', type: 2 },
        { name: 'latency', type: 3, unit: 'seconds' },
        { name: 'other', type: 99 },
      ],
    );
    const { stored, response } = await runProtocol(createRemoteWrite(), { body, headers: V1 });
    expect(stored).toMatchObject([{ type: 'counter', unit: 'By' }, { type: 'gauge' }, { type: 'counter', unit: 's' }]);
    expect(response.status).toBe(204);
  });

  test('is answered without the headers of version 2', async () => {
    const { response } = await v1(SERIES.slice(0, 1));
    expect(response.status).toBe(204);
    expect(writtenIn(response)).toEqual([null, null, null]);
  });
});

describe('Remote write 2', () => {
  testProtocol({
    protocol: createRemoteWrite,
    samples: [
      {
        title: 'samples, a histogram, a series without a name',
        headers: V2,
        body: writeRequestV2(SERIES),
        becomes: BECOMES,
      },
    ],
    write: (text, name) => ({
      headers: V2,
      body: writeRequestV2([
        {
          labels: Object.fromEntries([
            ['__name__', 'n'],
            ['text', text],
            [name, 'v'],
          ]),
          samples: [{ value: 1, timeMs: T }],
        },
      ]),
    }),
    textIn: 'attributes',
  });

  test('has the type and unit of its metadata', async () => {
    const { stored } = await v2([
      { labels: { __name__: 'reads' }, samples: [{ value: 1, timeMs: T }], family: { type: 1, unit: 'bytes' } },
      { labels: { __name__: 'x_total' }, samples: [{ value: 1, timeMs: T }], family: { type: 2 } },
    ]);
    expect(stored).toMatchObject([{ type: 'counter', unit: 'By' }, { type: 'gauge' }]);
  });

  test('is told how much of each kind was written', async () => {
    const { response } = await v2([SERIES[0] ?? { labels: {} }, SERIES[3] ?? { labels: {} }]);
    expect(response.status).toBe(204);
    expect(writtenIn(response)).toEqual(['2', '1', '0']);
    const part = await v2(SERIES);
    expect(part.response.status).toBe(400);
    expect(writtenIn(part.response)).toEqual(['3', '1', '0']);
    const times = await v2([
      {
        labels: { __name__: 'n' },
        samples: [
          { value: 1, timeMs: T },
          { value: 2, timeMs: 9e15 },
        ],
      },
    ]);
    expect(times.response.status).toBe(400);
    expect(writtenIn(times.response)).toEqual(['1', '0', '0']);
  });

  test('a series that points beyond the table of symbols is refused, the others are stored', async () => {
    const good = writeRequestV2([{ labels: { __name__: 'n' }, samples: [{ value: 1, timeMs: T }] }]);
    // labels_refs [1, 99] and a sample.
    const bad = Buffer.from([0x2a, 0x08, 0x0a, 0x02, 0x01, 0x63, 0x12, 0x02, 0x10, 0x01]);
    const { stored, response } = await runProtocol(createRemoteWrite(), {
      body: Buffer.concat([good, bad]),
      headers: V2,
    });
    expect(stored).toHaveLength(1);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('labels_refs: expected pairs of places in a table of 3 symbols');
  });
});

describe('What JSON cannot hold', () => {
  const series = (...values: number[]) => [
    { labels: { __name__: 'q', job: 'j' }, samples: values.map((value, index) => ({ value, timeMs: T + index })) },
  ];

  test('a stale marker ends a series: no sample, no error', async () => {
    const { stored, tally, sender, response } = await v2(series(1, STALE));
    expect(stored).toMatchObject([{ value: 1, time: TIME }]);
    expect([tally.rejected, sender.row(0).notKept, sender.errors]).toEqual([0, 1, []]);
    expect(response.status).toBe(204);
    expect(writtenIn(response)).toEqual(['2', '0', '0']);
    const histogram = await v2([{ labels: { __name__: 'h' }, histograms: [{ timeMs: T, sum: STALE, count: 3 }] }]);
    expect([histogram.stored, histogram.sender.notKept]).toEqual([[], 1]);
    expect(writtenIn(histogram.response)).toEqual(['0', '1', '0']);
  });

  test('NaN and Inf are counted as not kept, which is no mistake of the sender', async () => {
    for (const send of [v1, v2]) {
      const { stored, tally, sender, response } = await send(
        series(Number.NaN, 1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
      );
      expect(stored).toMatchObject([{ value: 1 }]);
      expect([tally.rejected, sender.row(0).notKept, sender.errors]).toEqual([0, 3, []]);
      expect(response.status).toBe(204);
    }
    expect(writtenIn((await v2(series(Number.NaN, 1))).response)).toEqual(['1', '0', '0']);
  });

  test('exemplars are counted as not kept, which is no mistake of the sender', async () => {
    for (const send of [v1, v2]) {
      const { stored, tally, sender, response } = await send([
        { labels: { __name__: 'n' }, samples: [{ value: 1, timeMs: T }], exemplars: 2 },
      ]);
      expect(stored).toHaveLength(1);
      expect([tally.rejected, sender.notKept]).toEqual([0, 2]);
      expect(response.status).toBe(204);
    }
  });
});

describe('A request', () => {
  test('of another message or coding is answered with 415', () => {
    const protocol = createRemoteWrite();
    const encoding = (headers: Record<string, string>) => protocol.encodingOf?.(headOf({ headers }));
    expect(encoding(V1)).toBe('snappy');
    expect(encoding({ ...V2, 'Content-Encoding': 'snappy' })).toBe('snappy');
    expect(encoding({ 'Content-Type': 'application/x-protobuf; proto="io.prometheus.write.v2.Request"' })).toBe(
      'snappy',
    );
    expect(() => encoding({ ...V1, 'Content-Encoding': 'zstd' })).toThrow('expected Content-Encoding gzip, snappy');
    expect(() => encoding({ 'Content-Type': 'application/json' })).toThrow('expected Content-Type');
    expect(() => encoding({ 'Content-Type': 'application/x-protobuf;proto=io.prometheus.write.v3.Request' })).toThrow(
      'v3',
    );
  });

  test('of one version sent as the other stores nothing', async () => {
    const wrong = await runProtocol(createRemoteWrite(), { body: writeRequestV2(SERIES), headers: V1 });
    expect(wrong.stored).toEqual([]);
  });

  test('with more labels than an event may have is refused once for all its samples, with the reason', async () => {
    const labels = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`l${index}`, 'v']));
    const { response, tally } = await v1([
      {
        labels: { __name__: 'n', ...labels },
        samples: [
          { value: 1, timeMs: T },
          { value: 2, timeMs: T },
        ],
      },
    ]);
    expect(tally.rejected).toBe(2);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('n: expected less than 128 labels, got 200');
  });

  test('keeps the tenant', async () => {
    const { stored } = await v1(SERIES.slice(1, 2), { 'X-Scope-OrgID': 'team-a' });
    expect(stored).toMatchObject([{ attributes: { tenant: 'team-a' } }]);
  });
});
