import { expect, test } from 'vitest';
import { logAt } from '@/lib/core/testing/arbitraries.ts';
import { makeHoldingJournal, trip } from '@/lib/journal/testing/make-journal.ts';
import { readEvents } from './read-events.ts';

const logs = (count: number) => Array.from({ length: count }, (_, index) => logAt(`m${index + 1}`));
const messages = (page: { events: readonly object[] }) =>
  page.events.map((event) => (event as { message: string }).message);

test('while the history is away the newest page comes from memory, up to what is stored, and says where older ones begin', async () => {
  const { journal, store, guarded } = makeHoldingJournal({ ring: { eventsMax: 6, bytesMax: 1e6 } });
  await journal.open();
  await journal.append(logs(10));
  trip(guarded.breaker);
  store.read = () => Promise.reject(new Error('away'));
  const at = (seq: number): string => `${journal.epoch}.${seq}`;
  const newest = await readEvents(journal, { filter: {}, limit: 3 });
  expect(messages(newest)).toEqual(['m8', 'm9', 'm10']);
  expect(newest).toMatchObject({ head: at(10), before: at(8) });
  const older = await readEvents(journal, { filter: { q: 'm7' }, limit: 3, before: at(8) });
  expect(messages(older)).toEqual(['m7']);
  // Everything in memory has been looked at; what lies before is the history's.
  expect(older.before).toBe(at(5));
  await expect(readEvents(journal, { filter: {}, limit: 3, before: at(5) })).rejects.toMatchObject({
    code: 'storage-unavailable',
  });
  await journal.close(0);
});
