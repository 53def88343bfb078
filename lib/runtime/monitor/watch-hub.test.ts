import { expect, test } from 'vitest';
import { ResourceLedger } from '@/lib/core/ledger.ts';
import { WATCHERS_MAX, WatchHub } from './watch-hub.ts';

function setUp() {
  const ledger = new ResourceLedger(() => 0);
  const hub = new WatchHub(ledger);
  let frames = 0;
  const watch = (signal = new AbortController().signal) => {
    const stream = hub.open({
      signal,
      event: 'system',
      frame: (isFirst) => {
        frames += 1;
        return { frame: frames, isFirst };
      },
    });
    return stream.getReader();
  };
  return { ledger, hub, watch, made: () => frames };
}

const textOf = (read: { value?: Uint8Array | undefined }) => new TextDecoder().decode(read.value);

test('a watcher gets the pace, a frame at once, and one with each tick', async () => {
  const { hub, watch } = setUp();
  const reader = watch();
  expect(textOf(await reader.read())).toBe('retry: 2000\n\nevent: system\ndata: {"frame":1,"isFirst":true}\n\n');
  const next = reader.read();
  hub.tick();
  expect(textOf(await next)).toBe('event: system\ndata: {"frame":2,"isFirst":false}\n\n');
});

test('for a watcher that does not read no frame is made beyond the one it has not taken', async () => {
  const { hub, watch, made } = setUp();
  const reader = watch();
  for (let second = 0; second < 10; second += 1) hub.tick();
  expect(made()).toBe(1);
  await reader.read();
  hub.tick();
  expect(made()).toBe(2);
});

test('a watcher that takes nothing for a minute is let go', async () => {
  const { hub, ledger, watch } = setUp();
  const reader = watch();
  for (let second = 0; second < 59; second += 1) hub.tick();
  expect(hub.size).toBe(1);
  hub.tick();
  expect([hub.size, ledger.heldTotal, ledger.leaked]).toEqual([0, 0, 0]);
  await expect(reader.read()).rejects.toThrow('taken nothing');
});

test.each(['abort', 'cancel', 'close', 'abort and cancel'])('%s frees everything, once', async (how) => {
  const { hub, ledger, watch } = setUp();
  const abort = new AbortController();
  const reader = watch(abort.signal);
  await reader.read();
  expect([ledger.held('watch'), ledger.held('listener')]).toEqual([1, 1]);
  if (how.includes('abort')) abort.abort();
  if (how.includes('cancel')) await reader.cancel();
  hub.close();
  hub.tick();
  expect([hub.size, ledger.heldTotal, ledger.leaked]).toEqual([0, 0, 0]);
  if (how === 'close') expect((await reader.read()).done).toBe(true);
});

test('who had left before the stream was opened holds nothing', () => {
  const { hub, ledger, watch, made } = setUp();
  watch(AbortSignal.abort());
  expect([hub.size, ledger.heldTotal, made()]).toEqual([0, 0, 0]);
});

test('the hub is full at its bound, and after it has closed', () => {
  const { hub, watch } = setUp();
  for (let opened = 0; opened < WATCHERS_MAX; opened += 1) {
    expect(hub.isFull).toBe(false);
    watch();
  }
  expect(hub.isFull).toBe(true);
  hub.close();
  expect([hub.size, hub.isFull]).toEqual([0, true]);
});
