import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { Diagnostics } from './diagnostics.ts';

const roomy = () => ({ usedBytes: 1, availableBytes: 2 });
const unaborted = new AbortController().signal;

test('a profile has samples of the time asked for, and ends early when nobody waits for it', async () => {
  const diagnostics = new Diagnostics(roomy);
  const profile = JSON.parse(await diagnostics.cpuProfile(0.05, unaborted));
  expect(profile.nodes.length).toBeGreaterThan(0);
  expect(profile.endTime - profile.startTime).toBeGreaterThanOrEqual(45_000);
  const abort = new AbortController();
  const early = diagnostics.cpuProfile(60, abort.signal);
  abort.abort();
  expect(JSON.parse(await early).nodes.length).toBeGreaterThan(0);
});

test('only one look at a time is taken, and the next one may begin when it is over, however it ended', async () => {
  const diagnostics = new Diagnostics(roomy);
  const abort = new AbortController();
  const snapshot = diagnostics.heapSnapshot(abort.signal);
  expect(() => diagnostics.heapSnapshot(unaborted)).toThrow('try again');
  await expect(diagnostics.cpuProfile(0.01, unaborted)).rejects.toThrow('try again');
  const closed = once(snapshot, 'close');
  abort.abort();
  await closed;
  const next = diagnostics.heapSnapshot(unaborted);
  expect(JSON.parse(await text(next)).snapshot.node_count).toBeGreaterThan(1000);
  await diagnostics.cpuProfile(0.01, unaborted);
}, 60_000);

test('a snapshot that would not fit into the memory left is not begun', async () => {
  const diagnostics = new Diagnostics(() => ({ usedBytes: 300 * 2 ** 20, availableBytes: 200 * 2 ** 20 }));
  expect(() => diagnostics.heapSnapshot(unaborted)).toThrow('the 300 MiB in use, and 200 MiB are left');
  await diagnostics.cpuProfile(0.01, unaborted);
});
