import { expect, test } from 'vitest';
import { INBOX, Inbox, room } from './inbox.ts';

function filled(items: number): { inbox: Inbox<number>; changes: boolean[] } {
  const inbox = new Inbox<number>();
  const changes: boolean[] = [];
  inbox.watch((isFull) => changes.push(isFull));
  for (let index = 0; index < items; index += 1) inbox.push(index, `E.${index}`);
  return { inbox, changes };
}

test('an inbox is full at its limit, takes in what comes all the same, and has room again at half of it', async () => {
  const { inbox, changes } = filled(INBOX.itemsMax + 5);
  expect(changes).toEqual([true]);
  const waiting = room(inbox, undefined).then(() => inbox.length);
  for (let index = 0; index < INBOX.itemsMax + 5; index += 1) {
    expect(await inbox.take()).toEqual({ item: index, cursor: `E.${index}`, bytes: 0 });
  }
  expect(changes).toEqual([true, false]);
  expect(await waiting).toBe(INBOX.itemsMax / 2);
});

test('bytes fill an inbox as well, until the entry that they came with is taken', async () => {
  const { inbox, changes } = filled(2);
  inbox.weigh(INBOX.bytesMax);
  expect(inbox.isFull).toBe(true);
  await inbox.take();
  expect(inbox.isFull).toBe(true);
  await inbox.take();
  expect(changes).toEqual([true, false]);
});

test('moves without an item are one entry, however many they are', async () => {
  const { inbox } = filled(1);
  for (let index = 1; index < 5_000; index += 1) inbox.moveTo(`E.${index}`);
  inbox.push(7, 'E.5000');
  expect(await inbox.take()).toMatchObject({ item: 0 });
  expect(await inbox.take()).toEqual({ item: undefined, cursor: 'E.4999', bytes: 0 });
  expect(await inbox.take()).toMatchObject({ item: 7 });
});

test('an ended inbox gives what waits and then nothing; a cleared one nothing at once', async () => {
  const { inbox } = filled(1);
  inbox.end();
  expect(await inbox.take()).toMatchObject({ item: 0 });
  expect(await inbox.take()).toBeUndefined();
  const { inbox: other } = filled(INBOX.itemsMax);
  const waiting = room(other, undefined);
  other.clear();
  await waiting;
  expect(await other.take()).toBeUndefined();
});

test('who waits for room leaves when aborted', async () => {
  const { inbox } = filled(INBOX.itemsMax);
  const stop = new AbortController();
  const waiting = room(inbox, stop.signal);
  stop.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
});
