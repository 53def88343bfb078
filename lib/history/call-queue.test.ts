import { expect, test } from 'vitest';
import { CallQueue } from './call-queue.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('writes go before reads, one call at a time', async () => {
  const queue = new CallQueue();
  const ran: string[] = [];
  let running = 0;
  const call = (name: string) => async () => {
    running += 1;
    expect(running).toBe(1);
    await turn();
    ran.push(name);
    running -= 1;
  };
  await Promise.all([
    queue.run('read', call('r1')),
    queue.run('read', call('r2')),
    queue.run('write', call('w1')),
    queue.run('write', call('w2')),
  ]);
  expect(ran).toEqual(['w1', 'w2', 'r1', 'r2']);
});

test('a read that is cancelled in the queue never runs, and is rejected before the one at work has ended', async () => {
  const queue = new CallQueue();
  const controller = new AbortController();
  const ran: string[] = [];
  let endFirst = (): void => undefined;
  const first = queue.run('read', () => {
    ran.push('first');
    return new Promise<void>((resolve) => {
      endFirst = resolve;
    });
  });
  const second = queue.run('read', async () => ran.push('second'), controller.signal);
  const third = queue.run('read', async () => ran.push('third'));
  await turn();
  controller.abort('gone');
  await expect(second).rejects.toBe('gone');
  expect(ran).toEqual(['first']);
  endFirst();
  await Promise.all([first, third]);
  expect(ran).toEqual(['first', 'third']);
});

test('what is aborted already does not even wait', async () => {
  const queue = new CallQueue();
  const ran: string[] = [];
  await expect(queue.run('write', async () => ran.push('never'), AbortSignal.abort('gone'))).rejects.toBe('gone');
  await queue.settled();
  expect(ran).toEqual([]);
});

test('between two reads that never let go of the thread, word of a cancellation is heard', async () => {
  const queue = new CallQueue();
  const controller = new AbortController();
  const ran: string[] = [];
  // As SQLite does: no turn of the event loop in it. The abort comes as a message would, by a turn of its own.
  const first = queue.run('read', async () => {
    ran.push('first');
    setImmediate(() => controller.abort('gone'));
  });
  const second = queue.run('read', async () => ran.push('second'), controller.signal);
  await first;
  await expect(second).rejects.toBe('gone');
  expect(ran).toEqual(['first']);
});
