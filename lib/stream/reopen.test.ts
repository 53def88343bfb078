import { afterEach, expect, test, vi } from 'vitest';
import type { Filter } from '@/lib/core/filter.ts';
import { logAt } from '@/lib/core/testing/arbitraries.ts';
import { makeJournal } from '@/lib/journal/testing/make-journal.ts';
import type { StreamHub } from './stream-hub.ts';
import type { StreamSession } from './stream-session.ts';
import type { StreamStart } from './stream-start.ts';
import { makeHub, PEER } from './testing/make-hub.ts';
import { FakeSink } from './testing/model-client.ts';
import { sseFormat } from './wire-format.ts';

const hubs: StreamHub[] = [];
afterEach(() => {
  for (const hub of hubs.splice(0)) hub.close();
});

const settled = (check: () => void) => vi.waitFor(check, { interval: 2, timeout: 3000 });
const logs = (count: number) => Array.from({ length: count }, (_, index) => logAt(`m${index + 1}`));
const at = (seq: number): StreamStart => ({ kind: 'position', position: { epoch: 'AAAAAAAA', seq } });

async function setUp(count: number) {
  const { journal, clock } = makeJournal();
  await journal.open();
  if (count > 0) await journal.append(logs(count));
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  const { hub, admission, ledger } = makeHub({ journal, clock, onError, limits: { connectionsMax: 1 } });
  hubs.push(hub);
  const sink = new FakeSink();
  const open = (start: StreamStart, room = Number.POSITIVE_INFINITY): StreamSession => {
    expect(admission.enter(PEER, clock.ms)).toBeUndefined();
    sink.room = room;
    const session = hub.open({ filter: {}, start, speed: undefined }, sseFormat, sink, PEER);
    sink.events = session;
    return session;
  };
  const reopen = (old: StreamSession, start?: StreamStart, filter: Filter = {}): StreamSession => {
    const session = hub.reopen(old, { filter, start, speed: undefined }, sink);
    sink.events = session;
    return session;
  };
  const seqs = (): number[] =>
    sink.frames.flatMap(({ event, id }) => (event === 'log' ? [Number(id?.split('.')[1])] : []));
  return { journal, clock, hub, admission, ledger, sink, open, reopen, errors, seqs };
}

test('a session that has not found its beginning hands on what it was asked for, however often', async () => {
  const { open, reopen, seqs, hub, ledger } = await setUp(5);
  let session = open(at(2));
  for (let round = 0; round < 5; round += 1) session = reopen(session);
  await settled(() => expect(seqs()).toEqual([3, 4, 5]));
  expect(hub.connections).toBe(1);
  await settled(() => expect(ledger.held('connection')).toBe(1));
});

test('two changes in one turn of the loop go on where the stream stood, not where it began', async () => {
  const { open, reopen, seqs, journal } = await setUp(5);
  const session = open(at(2));
  await settled(() => expect(seqs()).toEqual([3, 4, 5]));
  reopen(reopen(session));
  await journal.append(logs(2));
  await settled(() => expect(seqs()).toEqual([3, 4, 5, 6, 7]));
});

test("a place of one's own is kept by a full server, and given back once", async () => {
  const { open, reopen, admission, clock, ledger, hub } = await setUp(1);
  let session = open(at(0));
  for (let round = 0; round < 10; round += 1) {
    session = reopen(session);
    expect(admission.enter(PEER, clock.ms)).toMatchObject({ code: 'too-many-connections' });
  }
  session.onClose('client-left');
  await settled(() => expect(ledger.heldTotal + ledger.leaked).toBe(0));
  expect(hub.closedByReason.get('resubscribed')).toBe(10);
  expect(admission.enter(PEER, clock.ms)).toBeUndefined();
});

test('a stream that lags goes on with the first event that it has not written', async () => {
  const { open, reopen, seqs, sink, journal, errors } = await setUp(0);
  const session = open({ kind: 'now' });
  await settled(() => expect(sink.names()).toEqual(['stream', 'live']));
  sink.room = 1;
  await journal.append(logs(3));
  await settled(() => expect(session.life.activity).toBe('lagging'));
  await journal.append(logs(3));
  const before = seqs();
  reopen(session);
  sink.room = Number.POSITIVE_INFINITY;
  sink.events?.onReady();
  await settled(() => expect(seqs()).toEqual([1, 2, 3, 4, 5, 6]));
  expect(before.length).toBeLessThan(6);
  expect(errors).toEqual([]);
});

test('what it is written in changes where the caller says so, and else stays as it is', async () => {
  const { open, reopen, hub, sink } = await setUp(1);
  const session = open(at(0));
  expect(reopen(session).group.format).toBe(sseFormat);
  const [current] = hub.sessions.values();
  if (!current) throw new Error('no session');
  const request = { filter: {}, start: undefined, speed: undefined };
  const otherFormat = { ...sseFormat, name: 'other' };
  const other = hub.reopen(current, request, sink, otherFormat);
  expect(other.group.format).toBe(otherFormat);
  expect(hub.reopen(other, request, sink).group.format).toBe(otherFormat);
});

test('while the server drains the client is told goodbye, since a new stream would not be', async () => {
  const { open, reopen, sink, hub } = await setUp(1);
  const session = open({ kind: 'now' });
  await settled(() => expect(sink.names()).toEqual(['stream', 'live']));
  hub.admission.isDraining = true;
  expect(reopen(session)).toBe(session);
  expect(session.life.reason).toBe('draining');
  expect(sink.names().at(-1)).toBe('bye');
});
