import { expect } from 'vitest';
import { EventFactory, type TestEvent } from '../support/events.ts';
import { publish } from '../support/ingest-client.ts';
import { Random } from '../support/random.ts';
import { until } from '../support/wait.ts';
import type { Bench, ConformanceCase } from './conformance-case.ts';

const SEVERE = ['warn', 'error', 'fatal'];

/** Sends the same mixture past a filtered stream and past a replay of it: both must hold exactly what matches. */
async function expectFiltered(bench: Bench, query: string, matches: (event: TestEvent) => boolean): Promise<void> {
  const live = await bench.openLive({ query: `?${query}` });
  const start = live.ledger.lastEventId ?? '';
  const events = new EventFactory(new Random(11)).many(300);
  const wanted = events.filter(matches).map(({ attributes }) => attributes.n);
  expect(wanted.length).toBeGreaterThan(0);
  expect(wanted.length).toBeLessThan(events.length);
  const { last } = await publish(bench.url, events);
  const replay = bench.open({ query: `?${query}&from=${start}` });
  for (const client of [live, replay]) {
    await until(`the cursor to reach ${last}`, () => client.ledger.lastEventId === last);
    expect([...client.ledger.seen.keys()]).toEqual(wanted);
    expect(client.ledger.faults).toMatchObject({ lost: [], repeated: [], broken: [] });
    expectChain(client.frames, start);
  }
}

/** `prev` names the event before under this filter, not the one before in the journal; or where the stream began. */
function expectChain(frames: readonly { event: string; data: string }[], start: string): void {
  let previous = start;
  for (const { event, data } of frames) {
    if (event === 'stream') previous = (JSON.parse(data) as { from: string }).from;
    if (event !== 'log' && event !== 'metric') continue;
    const { position, prev } = JSON.parse(data) as { position: string; prev: string };
    expect(prev).toBe(previous);
    previous = position;
  }
}

export const filterCases: readonly ConformanceCase[] = [
  { name: 'kind is filtered on the server', run: (bench) => expectFiltered(bench, 'kind=metric', isMetric) },
  {
    name: 'services are filtered on the server, several as alternatives',
    run: (bench) =>
      expectFiltered(bench, 'service=api&service=web', ({ service }) => service === 'api' || service === 'web'),
  },
  {
    name: 'level is a minimum and lets only logs through',
    run: (bench) => expectFiltered(bench, 'level=warn', ({ level }) => SEVERE.includes(level ?? '')),
  },
  {
    name: 'q finds text without regard to case, in any script',
    needs: ['query'],
    run: async (bench) => {
      await expectFiltered(bench, 'q=CACHE%20Miss', ({ message }) => message?.includes('cache miss') ?? false);
      const japanese = encodeURIComponent('支払い');
      await expectFiltered(bench, `q=${japanese}`, ({ message }) => message?.includes('支払い') ?? false);
    },
  },
  {
    name: 'filters are combined',
    run: (bench) =>
      expectFiltered(bench, 'kind=log&service=api&level=warn', ({ kind, service, level }) => {
        return kind === 'log' && service === 'api' && SEVERE.includes(level ?? '');
      }),
  },
  {
    name: 'a heartbeat carries the head and moves the cursor of a filtered stream that is idle',
    needs: ['heartbeats'],
    async run(bench) {
      const client = await bench.openLive({ query: '?service=nobody' });
      const { last } = await publish(bench.url, new EventFactory(new Random(12)).many(50));
      await until('a heartbeat with the head', () => client.ledger.lastEventId === last);
      const beat = client.named('heartbeat').at(-1);
      expect(beat).toMatchObject({ head: last });
      expect(Date.parse(String(beat?.['time']))).not.toBeNaN();
      expect(client.ledger.events).toBe(0);
    },
  },
  {
    name: 'two clients with the same filter get the same bytes',
    needs: ['event-stream'],
    async run(bench) {
      const query = '?level=info';
      const [one, other] = [await bench.openLive({ query }), await bench.openLive({ query })];
      const { last } = await publish(bench.url, new EventFactory(new Random(13)).many(200));
      for (const client of [one, other]) {
        await until('the end', () => client.ledger.lastEventId === last || client.ledger.events > 50);
        await until('a heartbeat with the head', () => client.named('heartbeat').at(-1)?.['head'] === last);
      }
      const payload = (text: string) => text.split('\n\n').filter((frame) => /\nevent: (log|metric)\n/.test(frame));
      expect(payload(one.text ?? '').length).toBeGreaterThan(0);
      expect(payload(one.text ?? '')).toEqual(payload(other.text ?? ''));
    },
  },
];

function isMetric({ kind }: TestEvent): boolean {
  return kind === 'metric';
}
