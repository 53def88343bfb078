import { expect, test } from 'vitest';
import type { SourceEvent } from '@/lib/core/source.ts';
import type { AppendName } from '@/lib/ingest/named-appends.ts';
import { Reception } from '../reception.ts';
import { receptionContext } from '../testing/reception-context.ts';
import { type ItemsName, storeItems } from './store-items.ts';

/** The names under which a body of one event is stored, one for each sender's address. */
async function namesOf(addresses: readonly string[], name: Partial<ItemsName>, event: Partial<SourceEvent> = {}) {
  const names: (AppendName | undefined)[] = [];
  const context = receptionContext({
    async append(_events, given) {
      names.push(given);
      return { firstSeq: 1, lastSeq: 1 };
    },
  });
  for (const peerAddress of addresses) {
    const reception = new Reception(context, { protocol: 'toy', peerAddress, header: () => null });
    const items = [{ kind: 'log', message: 'm', ...event } as SourceEvent];
    await storeItems(reception, items, { protocol: 'toy', ...name });
  }
  return names;
}

const body = Buffer.from('body');
const repeats = 'when-timed';
const time = '2026-01-01T00:00:00Z';

test('a body that comes again from the same sender has the same name; from another sender it is another body', async () => {
  const [first, again, other] = await namesOf(['10.0.0.1', '10.0.0.1', '10.0.0.2'], { body, repeats }, { time });
  expect(first?.key).toMatch(/^toy:/);
  expect(again).toEqual(first);
  expect(other?.key).not.toBe(first?.key);
});

test('it has another name when it comes by another path', async () => {
  const [a] = await namesOf(['10.0.0.1'], { body, repeats, origin: '/a' }, { time });
  const [b] = await namesOf(['10.0.0.1'], { body, repeats, origin: '/b' }, { time });
  expect(a?.key).not.toBe(b?.key);
});

test('without a time in its first event it has no name, unless its protocol is certain', async () => {
  expect(await namesOf(['10.0.0.1'], { body, repeats })).toEqual([undefined]);
  expect(await namesOf(['10.0.0.1'], { body }, { time })).toEqual([undefined]);
  expect((await namesOf(['10.0.0.1'], { body, repeats: 'certainly' }))[0]?.key).toMatch(/^toy:/);
});

test('the key that a sender gives counts before all else', async () => {
  const [first, other] = await namesOf(['10.0.0.1', '10.0.0.2'], { key: 'k', body, repeats }, { time });
  expect([first?.key, other?.key]).toEqual(['k#0', 'k#0']);
});
