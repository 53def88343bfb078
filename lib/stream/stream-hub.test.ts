import { afterEach, expect, test, vi } from 'vitest';
import type { Filter } from '@/lib/core/filter.ts';
import { logAt, prepared } from '@/lib/core/testing/arbitraries.ts';
import { makeJournal } from '@/lib/journal/testing/make-journal.ts';
import type { StreamHub } from './stream-hub.ts';
import type { StreamRequest } from './stream-request.ts';
import type { StreamStart } from './stream-start.ts';
import { type HubParts, makeHub, PEER } from './testing/make-hub.ts';
import { FakeSink } from './testing/model-client.ts';
import { sseFormat, type WireFormat } from './wire-format.ts';

const hubs: StreamHub[] = [];
afterEach(() => {
  for (const hub of hubs.splice(0)) hub.close();
  vi.useRealTimers();
});

type SetUp = Parameters<typeof makeJournal>[0] & Pick<HubParts, 'rules' | 'limits'>;

async function setUp(options: SetUp = {}) {
  const { journal, store, clock } = makeJournal(options);
  await journal.open();
  const errors: unknown[] = [];
  const { rules, limits } = options;
  const parts = { journal, clock, onError: (error: unknown) => errors.push(error) };
  const { hub, admission, ledger } = makeHub({ ...parts, ...(rules && { rules }), ...(limits && { limits }) });
  hubs.push(hub);
  let encoded = 0;
  const format: WireFormat = {
    ...sseFormat,
    events(...given) {
      encoded += 1;
      return sseFormat.events(...given);
    },
  };
  const open = async (start: StreamStart = { kind: 'now' }, filter: Filter = {}, room = Number.POSITIVE_INFINITY) => {
    expect(admission.enter(PEER, clock.ms)).toBeUndefined();
    const sink = new FakeSink();
    sink.room = room;
    const request: StreamRequest = { filter, start, speed: undefined };
    sink.events = hub.open(request, format, sink, PEER);
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
    return sink;
  };
  const settled = (check: () => void) => vi.waitFor(check, { interval: 2, timeout: 3000 });
  return { journal, store, clock, hub, admission, ledger, open, errors, settled, encodedCount: () => encoded };
}

const at = (seq: number, epoch = 'AAAAAAAA'): StreamStart => ({ kind: 'position', position: { epoch, seq } });
const logs = (count: number) => Array.from({ length: count }, (_, index) => logAt(`m${index + 1}`));

test('a stream from now says live, and what is appended then arrives', async () => {
  const { journal, open, settled } = await setUp();
  await journal.append(logs(3));
  const sink = await open();
  expect(sink.retries).toHaveLength(1);
  expect(sink.names()).toEqual(['stream', 'live']);
  expect(sink.data(0)).toMatchObject({
    state: 'live',
    epoch: 'AAAAAAAA',
    head: 'AAAAAAAA.3',
    from: 'AAAAAAAA.3',
    heartbeatMs: 1000,
  });
  expect(sink.frames[0]?.id).toBe('AAAAAAAA.3');
  await journal.append([logAt('new')]);
  await settled(() => expect(sink.messages()).toEqual(['new']));
  expect(sink.data(2)).toMatchObject({ position: 'AAAAAAAA.4', prev: 'AAAAAAAA.3' });
});

test.each<[string, StreamStart, object, string[]]>([
  ['a position behind the head', at(1), { state: 'replay', from: 'AAAAAAAA.1' }, ['m2', 'm3']],
  ['the head', at(3), { state: 'live', from: 'AAAAAAAA.3' }, []],
  [
    'a position of another journal',
    at(9, 'BBBBBBBB'),
    { state: 'reset', reason: 'epoch', from: 'AAAAAAAA.0' },
    ['m1', 'm2', 'm3'],
  ],
  ['a position that is to come', at(7), { state: 'reset', reason: 'future', from: 'AAAAAAAA.3' }, []],
  ['a cursor that is none', { kind: 'malformed' }, { state: 'reset', reason: 'malformed', from: 'AAAAAAAA.3' }, []],
  ['a time before all', { kind: 'time', timeMs: 0 }, { state: 'replay', from: 'AAAAAAAA.0' }, ['m1', 'm2', 'm3']],
  ['a time to come', { kind: 'time', timeMs: 9e12 }, { state: 'live', from: 'AAAAAAAA.3' }, []],
])('a stream from %s tells the truth in its first frame', async (_title, start, first, messages) => {
  const { journal, open, settled } = await setUp();
  await journal.append(logs(3));
  const sink = await open(start);
  await settled(() => expect(sink.names().at(-1)).toBe('live'));
  expect(sink.data(0)).toMatchObject(first);
  expect(sink.messages()).toEqual(messages);
});

test('a position that retention has passed by is told as a gap, counted', async () => {
  const { journal, store, open, settled } = await setUp({ ring: { eventsMax: 3, bytesMax: 1e6 } });
  await journal.append(logs(10));
  store.removeBefore(6);
  journal.noteOldest(6);
  const sink = await open(at(2));
  await settled(() => expect(sink.names().at(-1)).toBe('live'));
  expect(sink.data(0)).toMatchObject({ state: 'gap', reason: 'retention', missed: 3, from: 'AAAAAAAA.5' });
  expect(sink.messages()).toEqual(['m6', 'm7', 'm8', 'm9', 'm10']);
});

test('a gap that is met on the way is told where it lies', async () => {
  const { journal, store, open, settled } = await setUp({ ring: { eventsMax: 3, bytesMax: 1e6 } });
  await journal.append(logs(10));
  // The journal has not heard of it yet.
  store.removeBefore(6);
  const sink = await open(at(2));
  await settled(() => expect(sink.names().at(-1)).toBe('live'));
  expect(sink.data(0)).toMatchObject({ state: 'replay', from: 'AAAAAAAA.2' });
  expect(sink.data(1)).toEqual({ from: 'AAAAAAAA.2', to: 'AAAAAAAA.5', missed: 3, reason: 'retention' });
  expect(sink.messages()).toEqual(['m6', 'm7', 'm8', 'm9', 'm10']);
});

test('what the ring holds is no gap, even when the history has forgotten it', async () => {
  const { journal, store, open, settled } = await setUp({ ring: { eventsMax: 8, bytesMax: 1e6 } });
  await journal.append(logs(10));
  store.removeBefore(9);
  journal.noteOldest(9);
  const sink = await open(at(4));
  await settled(() => expect(sink.names().at(-1)).toBe('live'));
  expect(sink.data(0)).toMatchObject({ state: 'replay' });
  expect(sink.messages()).toHaveLength(6);
});

test('the live frame claims no more than was sent', async () => {
  const { journal, open } = await setUp();
  await open();
  await journal.append(logs(1));
  await journal.append(logs(1));
  // The group of the first stream has not ticked yet; the second joins it where it stands.
  const late = await open(at(0));
  const live = late.names().indexOf('live');
  if (live >= 0) expect(late.frames[live]?.id).toBe(JSON.parse(late.frames[live]?.data ?? '{}').head);
});

test('many streams with one filter share one encoding and the very same bytes', async () => {
  const { journal, hub, open, settled, encodedCount } = await setUp();
  const sinks = await Promise.all(Array.from({ length: 20 }, () => open({ kind: 'now' }, { q: 'm' })));
  const upper = await open({ kind: 'now' }, { q: 'M' });
  expect(hub.groups).toBe(1);
  await journal.append(logs(50));
  await settled(() => expect(upper.messages()).toHaveLength(50));
  for (const sink of sinks) expect(sink.raw.at(-1)).toBe(upper.raw.at(-1));
  expect(encodedCount()).toBe(1);
  expect(hub.delivered.events).toBe(21 * 50);
});

test('a slow stream holds one frame, then catches up without loss while others go on', async () => {
  const { journal, open, settled } = await setUp({ ring: { eventsMax: 5, bytesMax: 1e6 } });
  const slow = await open({ kind: 'now' }, {}, 4);
  const fast = await open();
  for (let round = 0; round < 6; round += 1) {
    await journal.append([logAt(`r${round}`), logAt(`s${round}`)]);
    await settled(() => expect(fast.messages()).toHaveLength(2 * (round + 1)));
  }
  expect(slow.messages()).toEqual(['r0', 's0']);
  slow.drain();
  await settled(() => expect(slow.messages()).toEqual(fast.messages()));
});

test('an idle or filtered stream gets the head in heartbeats, at least once an interval; a busy one gets about one', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const { journal, clock, open, settled } = await setUp();
  const idle = await open({ kind: 'now' }, { level: 'fatal' });
  const busy = await open();
  for (let round = 0; round < 20; round += 1) {
    await journal.append(logs(1));
    await settled(() => expect(busy.messages()).toHaveLength(round + 1));
    clock.ms += 250;
    vi.advanceTimersByTime(250);
  }
  // Five intervals have passed.
  const busyBeats = busy.names().filter((name) => name === 'heartbeat').length;
  expect(busyBeats).toBeGreaterThanOrEqual(3);
  expect(busyBeats).toBeLessThanOrEqual(6);
  const beats = idle.frames.filter((frame) => frame.event === 'heartbeat');
  expect(beats.length).toBeGreaterThanOrEqual(5);
  expect(beats.length).toBeLessThanOrEqual(11);
  const heads = beats.map((frame) => [frame.id, JSON.parse(frame.data).head]);
  for (const [id, head] of heads) expect(id).toBe(head);
  const times = beats.map((frame) => Date.parse(JSON.parse(frame.data).time));
  times.forEach((time, index) => {
    if (index > 0) expect(time - (times[index - 1] ?? 0)).toBeLessThanOrEqual(1000);
  });
});

test('a filtered stream that the ring has passed by is told how far it came before the next event names it', async () => {
  const { journal, open, settled } = await setUp({ ring: { eventsMax: 2, bytesMax: 1e6 } });
  const sink = await open({ kind: 'now' }, { q: 'yes' });
  await journal.append(Array.from({ length: 5 }, () => logAt('no')));
  await settled(() => expect(sink.names()).toEqual(['stream', 'live', 'heartbeat']));
  expect(sink.frames[2]?.id).toBe('AAAAAAAA.5');
  await journal.append([logAt('yes')]);
  await settled(() => expect(sink.messages()).toEqual(['yes']));
  expect(sink.data(3)).toMatchObject({ prev: 'AAAAAAAA.5', position: 'AAAAAAAA.6' });
});

test('draining says bye to everybody and lets nobody in', async () => {
  const { hub, admission, open } = await setUp();
  const sinks = await Promise.all([open(), open(), open()]);
  await hub.drain(0);
  for (const sink of sinks) {
    expect(sink.names().at(-1)).toBe('bye');
    expect(sink.data(sink.frames.length - 1)).toMatchObject({ code: 2000, reason: 'draining', reconnect: true });
    expect(sink.ended).toBe(true);
  }
  expect(hub).toMatchObject({ connections: 0, groups: 0, isDraining: true });
  expect(admission.enter(PEER, 0)).toMatchObject({ code: 'shutting-down' });
  expect(hub.closedByReason.get('draining')).toBe(3);
});

test('whatever was taken is given back when streams leave', async () => {
  const { journal, hub, admission, ledger, clock, open, settled } = await setUp({ limits: { connectionsMax: 2 } });
  const one = await open();
  const two = await open({ kind: 'now' }, { level: 'warn' });
  expect(hub).toMatchObject({ connections: 2, groups: 2, opened: 2 });
  expect(admission.enter(PEER, clock.ms)).toMatchObject({ code: 'too-many-connections' });
  await journal.append(logs(2));
  await settled(() => expect(one.messages()).toHaveLength(2));
  const { events, bytes } = hub.delivered;
  one.events?.onClose('client-left');
  one.events?.onClose('write-failed');
  two.events?.onClose('write-failed');
  expect(hub).toMatchObject({ connections: 0, groups: 0 });
  expect(ledger.heldTotal).toBe(0);
  expect(admission.enter(PEER, clock.ms)).toBeUndefined();
  expect([...hub.closedByReason]).toEqual([
    ['client-left', 1],
    ['write-failed', 1],
  ]);
  expect(hub.delivered).toEqual({ events, bytes });
  const frames = one.frames.length;
  one.events?.onReady();
  await journal.append(logs(1));
  expect(one.frames).toHaveLength(frames);
});

test('a stream whose begin cannot be found ends with a word, and the error is told', async () => {
  const { store, errors, open, settled } = await setUp();
  store.seqAtTime = () => Promise.reject(new Error('disk'));
  const sink = await open({ kind: 'time', timeMs: 0 });
  await settled(() => expect(sink.names()).toEqual(['bye']));
  expect(sink.data(0)).toMatchObject({ reason: 'internal', reconnect: true });
  expect(errors).toHaveLength(1);
});

test('a read that fails in the middle of a replay ends the stream, so that the client comes back', async () => {
  const { journal, store, errors, open, settled } = await setUp({ ring: { eventsMax: 2, bytesMax: 1e6 } });
  await journal.append(logs(10));
  store.read = () => Promise.reject(new Error('disk'));
  const sink = await open(at(1));
  await settled(() => expect(sink.names()).toEqual(['stream', 'bye']));
  expect(errors).toHaveLength(1);
});

test('reconnection delays are spread around the base', async () => {
  const { admission } = await setUp();
  const delays = Array.from({ length: 500 }, () => admission.retryMs());
  expect(Math.min(...delays)).toBeGreaterThanOrEqual(50);
  expect(Math.max(...delays)).toBeLessThanOrEqual(150);
  expect(new Set(delays).size).toBeGreaterThan(50);
});

test('a replay at a speed sends events as they become due', async () => {
  const { journal, clock, hub, settled } = await setUp();
  const t0 = clock.ms;
  await journal.append([0, 10, 20].map((s) => prepared({ message: `s${s}`, time: t0 + s * 1000 })));
  const sink = new FakeSink();
  hub.open({ filter: {}, start: at(0), speed: 100 }, sseFormat, sink, PEER);
  await settled(() => expect(sink.messages()).toEqual(['s0']));
  clock.ms += 100;
  await settled(() => expect(sink.messages()).toEqual(['s0', 's10']));
  clock.ms += 100;
  await settled(() => expect(sink.names().at(-1)).toBe('live'));
  expect(sink.messages()).toEqual(['s0', 's10', 's20']);
});
