import { describe, expect, test } from 'vitest';
import { EVENT_BYTES_MAX, MESSAGE_BYTES_MAX } from '@/lib/core/event.ts';
import { CHUNK_LIMITS } from '@/lib/wire/ingest-chunk.ts';
import { BegunBodies, markOf } from './begun-bodies.ts';
import { EventIntake, type IntakeOptions } from './event-intake.ts';
import { IngestTally } from './ingest-tally.ts';
import { Sender } from './sender.ts';

const NOW_MS = Date.UTC(2026, 0, 1);

function setUp(options: Partial<IntakeOptions> = {}) {
  const stored: { message: string; time: string; attributes?: Record<string, unknown> }[] = [];
  const appends: { size: number; key: string | undefined }[] = [];
  const state = { isAway: false };
  const sender = new Sender({ protocol: 'toy', address: 'test' }, NOW_MS);
  const tally = new IngestTally(sender, () => NOW_MS);
  const sink: IntakeOptions['sink'] = {
    async append(events, name) {
      await Promise.resolve();
      if (state.isAway) throw new Error('the disk has gone');
      appends.push({ size: events.length, key: name?.key });
      const firstSeq = stored.length + 1;
      stored.push(...events.map(({ body }) => JSON.parse(body)));
      return { firstSeq, lastSeq: stored.length };
    },
  };
  const intake = new EventIntake({ sink, tally, sender, now: () => NOW_MS, ...options });
  return { intake, stored, appends, sender, tally, state };
}

const log = (message: string) => ({ kind: 'log', message });

test('events are stored in their order, in chunks, and both tally and sender know how many', async () => {
  const { intake, stored, appends, sender, tally } = setUp();
  for (let index = 0; index < 2500; index += 1) await intake.take(log(`m${index}`));
  await intake.flush();
  await intake.finish();
  expect(stored.map(({ message }) => message)).toEqual(Array.from({ length: 2500 }, (_, index) => `m${index}`));
  expect(appends.map(({ size }) => size)).toEqual([CHUNK_LIMITS.eventsMax, CHUNK_LIMITS.eventsMax, 500]);
  expect([tally.accepted, sender.accepted]).toEqual([2500, 2500]);
});

test('a chunk is also full by its size', async () => {
  const { intake, appends } = setUp();
  for (let index = 0; index < 10; index += 1) await intake.take(log('x'.repeat(200_000)));
  await intake.flush();
  await intake.finish();
  expect(appends.map(({ size }) => size)).toEqual([6, 4]);
});

test('each chunk has a name of its own under an Idempotency-Key', async () => {
  const { intake, appends } = setUp({ idempotencyKey: 'k' });
  expect(intake.isNamed).toBe(true);
  for (let index = 0; index < 1500; index += 1) await intake.take(log('m'));
  await intake.flush();
  await intake.finish();
  expect(appends.map(({ key }) => key)).toEqual(['k#0', 'k#1']);
});

test('what is wrong is told by its place, and the rest is stored', async () => {
  const { intake, stored, tally, sender } = setUp();
  const lines = ['{"message":"a"}', '', 'no json', '3', null, '{"message":"b"}', '   '];
  for (const line of lines) await intake.takeLine(line);
  await intake.take(log('c'));
  await intake.refuse('these three', 3);
  await intake.flush();
  await intake.finish();
  expect(stored.map(({ message }) => message)).toEqual(['a', 'b', 'c']);
  expect([tally.rejected, sender.rejected]).toEqual([6, 6]);
  expect(tally.errors).toEqual([
    { line: 3, error: expect.stringContaining('not valid JSON') },
    { line: 4, error: expect.stringContaining('expected an object') },
    { line: 5, error: `expected a line of at most ${EVENT_BYTES_MAX} bytes` },
    { line: 9, error: 'these three' },
  ]);
});

test('a sender that may write for some services writes for no other', async () => {
  const { intake, stored, tally } = setUp({ services: new Set(['shop']) });
  await intake.take({ ...log('mine'), service: 'shop' });
  await intake.take({ ...log('theirs'), service: 'bank' });
  await intake.take(log('nobody’s'));
  await intake.flush();
  await intake.finish();
  expect(stored.map(({ message }) => message)).toEqual(['mine']);
  expect(tally.errors.map(({ error }) => error)).toEqual([
    'service: this key may not write for "bank"',
    'service: this key may not write for "unknown"',
  ]);
});

test('what is too long is refused, or cut and counted where the sender could do nothing about it', async () => {
  const long = { kind: 'log', message: 'x'.repeat(MESSAGE_BYTES_MAX + 5), attributes: { a: 1 } };
  const strict = setUp();
  await strict.intake.take(long);
  expect([strict.tally.rejected, strict.sender.truncated]).toEqual([1, 0]);
  const { intake, stored, sender } = setUp({ cutsLong: true });
  await intake.take(long);
  await intake.flush();
  await intake.finish();
  expect(stored[0]?.message).toHaveLength(MESSAGE_BYTES_MAX);
  expect(stored[0]?.attributes).toEqual({ a: 1, truncatedFromChars: MESSAGE_BYTES_MAX + 5 });
  expect(sender.truncated).toBe(1);
});

test('what is wrong in another way is not counted as cut', async () => {
  const { intake, tally, sender } = setUp({ cutsLong: true });
  await intake.take({ kind: 'log', message: 'x'.repeat(MESSAGE_BYTES_MAX + 5), time: 'yesterday' });
  expect([tally.rejected, sender.truncated]).toEqual([1, 0]);
});

test.each([
  ['events', (intake: EventIntake) => intake.take(log('m'))],
  ['refusals', (intake: EventIntake) => intake.refuse('no')],
  ['empty lines', (intake: EventIntake) => intake.takeLine('')],
  ['lines that are no JSON', (intake: EventIntake) => intake.takeLine('x')],
])('the event loop gets a turn within a hundred %s', async (_title, step) => {
  const { intake } = setUp();
  let turns = 0;
  const tick = (): void => {
    turns += 1;
    timer = setImmediate(tick);
  };
  let timer = setImmediate(tick);
  for (let index = 0; index < 1000; index += 1) await step(intake);
  clearImmediate(timer);
  expect(turns).toBeGreaterThanOrEqual(9);
});

test('a store that is away fails the request, and what was stored before it is still counted', async () => {
  const { intake, tally, state } = setUp();
  for (let index = 0; index < 1000; index += 1) await intake.take(log('m'));
  await intake.finish();
  state.isAway = true;
  await intake.take(log('m'));
  await intake.flush();
  await expect(intake.finish()).rejects.toThrow('the disk has gone');
  await expect(intake.flush().then(() => intake.finish())).rejects.toThrow('the disk has gone');
  expect(tally.accepted).toBe(1000);
});

test('an event without a time has the time at which its piece arrived', async () => {
  let nowMs = NOW_MS;
  const { intake, stored } = setUp({ now: () => nowMs });
  await intake.take(log('first'));
  nowMs += 5000;
  await intake.take(log('with the first'));
  intake.arrive();
  await intake.take(log('later'));
  await intake.flush();
  await intake.finish();
  expect(stored.map(({ time }) => Date.parse(time) - NOW_MS)).toEqual([0, 0, 5000]);
});

describe('a body that broke off', () => {
  /** A sender that sends the same body until it is taken, to a journal that goes away when it has taken so many chunks. */
  function sending(chunksLeft: number, options: Partial<IntakeOptions> = {}) {
    const sender = new Sender({ protocol: 'toy', address: 'test' }, NOW_MS);
    const begunBodies = new BegunBodies(() => NOW_MS);
    const stored: string[] = [];
    const journal = { chunksLeft, strangers: 0 };
    const sink: IntakeOptions['sink'] = {
      async append(events, _name, chain) {
        await Promise.resolve();
        if (chain?.failure) throw chain.failure;
        if (journal.chunksLeft-- <= 0) throw new Error('the disk has gone');
        // Between two chunks of one sender come those of others.
        journal.strangers += 100;
        const firstSeq = stored.length + journal.strangers;
        stored.push(...events.map(({ body }) => JSON.parse(body).message as string));
        return { firstSeq, lastSeq: firstSeq + events.length - 1 };
      },
    };
    const send = async (inputs: readonly unknown[], more: Partial<IntakeOptions> = {}) => {
      const tally = new IngestTally(sender, () => NOW_MS);
      const all = { sink, tally, sender, begunBodies, now: () => NOW_MS, cutsLong: true, ...options, ...more };
      const intake = new EventIntake(all);
      intake.resume(markOf(Buffer.from('the body')));
      const isTaken = await intake
        .takeAll(async () => {
          for (const input of inputs) await intake.take(input);
        })
        .then(
          () => true,
          () => false,
        );
      const { first, last } = tally.answer(String);
      return { isTaken, accepted: tally.accepted, rejected: tally.rejected, first, last };
    };
    return { send, stored, journal, sender, begunBodies };
  }

  const many = (count: number) => Array.from({ length: count }, (_, index) => log(`m${index}`));

  test('goes on behind what is stored, and its answer is about all of it', async () => {
    const { send, stored, journal, sender } = sending(2);
    const inputs = many(3500);
    expect(await send(inputs)).toMatchObject({ isTaken: false, accepted: 2000, first: '100', last: '2199' });
    journal.chunksLeft = 1;
    expect(await send(inputs)).toMatchObject({ isTaken: false, accepted: 3000, first: '100', last: '3299' });
    journal.chunksLeft = 10;
    expect(await send(inputs)).toEqual({ isTaken: true, accepted: 3500, rejected: 0, first: '100', last: '3899' });
    expect(stored).toEqual(inputs.map(({ message }) => message));
    expect(sender.accepted).toBe(3500);
  });

  test('counts what was cut and what came late once', async () => {
    const { send, journal, sender } = sending(1);
    const long = { ...log('x'.repeat(MESSAGE_BYTES_MAX + 5)), time: NOW_MS - 3_600_000 };
    const inputs = [long, ...many(1500)];
    expect((await send(inputs)).isTaken).toBe(false);
    journal.chunksLeft = 10;
    expect((await send(inputs)).isTaken).toBe(true);
    expect([sender.truncated, sender.late]).toEqual([1, 1]);
  });

  test('is refused what it was refused, wherever that stands', async () => {
    const { send, stored, journal } = sending(1, { services: new Set(['unknown']) });
    const wrong = [{ ...log('theirs'), service: 'bank' }, 3];
    const inputs = [...wrong, ...many(1000), ...wrong, ...many(700), ...wrong];
    expect(await send(inputs)).toMatchObject({ isTaken: false, accepted: 1000 });
    journal.chunksLeft = 10;
    expect(await send(inputs)).toMatchObject({ isTaken: true, accepted: 1700, rejected: 6 });
    expect(stored).toHaveLength(1700);
  });

  test('begins anew when it was stored to its end, and under an Idempotency-Key, of which the journal knows', async () => {
    const { send, stored, journal, begunBodies } = sending(1);
    const inputs = many(1200);
    await send(inputs, { idempotencyKey: 'key' });
    expect(begunBodies.size).toBe(0);
    journal.chunksLeft = 1;
    await send(inputs);
    expect(begunBodies.size).toBe(1);
    journal.chunksLeft = 10;
    await send(inputs);
    await send(inputs);
    expect(begunBodies.size).toBe(0);
    expect(stored).toHaveLength(1000 + 1200 + 1200);
  });
});
