import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ByteGate } from '@/lib/ingest/byte-gate.ts';
import type { HttpProtocol } from '@/lib/ingest/http-protocol.ts';
import { NamedAppends } from '@/lib/ingest/named-appends.ts';
import { toyProtocol } from '@/lib/ingest/testing/toy-protocol.ts';
import { makeHoldingJournal, makeJournal } from '@/lib/journal/testing/make-journal.ts';
import { receptionContext } from '../testing/reception-context.ts';
import { type ProtocolContext, postProtocol } from './protocol-endpoint.ts';

const MIB = 1024 * 1024;
/** Seven of these make a chunk. */
const PADDING = 'x'.repeat(150_000);
const protocol: HttpProtocol = { ...toyProtocol, bytesMax: 32 * MIB };
const LIMITS = { batchEventsMax: 2000, pendingEventsMax: 100_000, pendingBytesMax: 64 * MIB };

async function setUp(heldEventsMax: number) {
  const holding = heldEventsMax > 0;
  const { journal, store } = holding
    ? makeHoldingJournal({ ...LIMITS, eventsMax: heldEventsMax, ring: { eventsMax: 10_000, bytesMax: 100 * MIB } })
    : makeJournal(LIMITS);
  await journal.open();
  const sink = new NamedAppends({
    append: (events, name, chain) => journal.append(events, name, chain),
    receipts: (keys) => store.receipts(keys),
  });
  const context: ProtocolContext = {
    ...receptionContext(sink),
    bodyGate: new ByteGate(256 * MIB),
    config: { ingest: { jsonBytesMax: 32 * MIB }, access: { allowedOrigins: [] } },
  };
  const post = async (body: string) => {
    const response = await postProtocol(
      context,
      new Request('http://localhost/toy', { method: 'POST', body }),
      protocol,
    );
    return { status: response.status, answer: await response.json() };
  };
  /** As a sender does that keeps what it could not send. */
  const postUntilTaken = async (body: string) => {
    for (let tries = 1; ; tries += 1) {
      const { status, answer } = await post(body);
      if (status === 200) return { tries, ...answer };
      if (status !== 503 || tries > 200) throw new Error(`${status} after ${tries} tries`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  const stored = async (): Promise<string[]> => {
    store.failNext = [];
    await journal.close(2000);
    const { rows } = await store.read({ filter: {}, direction: 'backward', from: 1e9, limit: 1e9 });
    return rows.reverse().map(({ body }) => nameOf((JSON.parse(body) as { message: string }).message));
  };
  const row = () => context.senders.rows()[0];
  return { context, store, post, postUntilTaken, stored, row };
}

const nameOf = (message: string): string => message.slice(0, message.indexOf(' '));
const isValid = (item: unknown): boolean => typeof item === 'object';

/** Messages with a name, and things that are no events, which stand for themselves. */
const itemsOf = (name: string, shape: readonly boolean[]) =>
  shape.map((valid, index) => (valid ? { kind: 'log', message: `${name}-${index} ${PADDING}` } : index));

test('whatever breaks off, in however many bodies at once, a sender that comes again has each event stored once and in order', async () => {
  const shape = fc.array(fc.oneof({ weight: 9, arbitrary: fc.constant(true) }, fc.constant(false)), {
    minLength: 1,
    maxLength: 40,
  });
  const failure = fc.constantFrom('none', 'none', 'before', 'before', 'after');
  await fc.assert(
    fc.asyncProperty(
      fc.array(shape, { minLength: 1, maxLength: 3 }),
      fc.array(failure, { maxLength: 20 }),
      fc.constantFrom(0, 10, 500),
      async (shapes, failures, heldEventsMax) => {
        const { context, store, postUntilTaken, stored, row } = await setUp(heldEventsMax);
        store.failNext = failures;
        const bodies = shapes.map((each, index) => itemsOf(`body${index}`, each));
        const answers = await Promise.all(bodies.map((body) => postUntilTaken(JSON.stringify(body))));
        for (const [index, { accepted, rejected }] of answers.entries()) {
          const valid = bodies[index]?.filter(isValid).length;
          expect([accepted, rejected]).toEqual([valid, (bodies[index]?.length ?? 0) - (valid ?? 0)]);
        }
        const messages = await stored();
        for (const [index, body] of bodies.entries()) {
          const expected = body.flatMap((item) => (typeof item === 'object' ? [nameOf(item.message)] : []));
          expect(messages.filter((message) => message.startsWith(`body${index}-`))).toEqual(expected);
        }
        expect(row()?.accepted).toBe(messages.length);
        expect(context.ingestTotals.accepted).toBe(messages.length);
        expect(context.begunBodies.size).toBe(0);
        expect(context.bodyGate.held).toBe(0);
      },
    ),
    { seed: 1, numRuns: 40 },
  );
}, 60_000);

describe('a body that broke off', () => {
  const items = itemsOf('m', new Array<boolean>(30).fill(true));
  const body = JSON.stringify(items);
  const names = items.map((_, index) => `m-${index}`);

  test('is stored once by the retry, and once more when it is said again', async () => {
    const { store, post, stored } = await setUp(0);
    store.failNext = ['none', 'before'];
    expect((await post(body)).status).toBe(503);
    expect(await post(body)).toMatchObject({ status: 200, answer: { accepted: 30 } });
    expect(await post(body)).toMatchObject({ status: 200, answer: { accepted: 30 } });
    expect(await stored()).toEqual([...names, ...names]);
  });

  test('and broke off twice at the same time is stored twice by two retries', async () => {
    const { store, post, postUntilTaken, stored } = await setUp(0);
    store.failNext = ['none', 'none', 'none', 'before'];
    expect((await Promise.all([post(body), post(body)])).map(({ status }) => status)).toContain(503);
    await Promise.all([postUntilTaken(body), postUntilTaken(body)]);
    // Two of three were retries, of which at most one had been stored to its end.
    const counts = new Map<string, number>();
    for (const name of await stored()) counts.set(name, (counts.get(name) ?? 0) + 1);
    expect(new Set(counts.values()).size).toBe(1);
  });

  test('has what is wrong with it told again, at its place', async () => {
    const { store, post, stored } = await setUp(0);
    const mixed = JSON.stringify(items.toSpliced(2, 1, 7 as never).toSpliced(28, 1, 8 as never));
    store.failNext = ['none', 'before'];
    expect((await post(mixed)).status).toBe(503);
    expect(await post(mixed)).toMatchObject({ status: 200, answer: { accepted: 28, rejected: 2 } });
    expect(await stored()).toEqual(names.filter((name) => name !== 'm-2' && name !== 'm-28'));
  });

  test('of another sender is another body', async () => {
    const { store, context, post, stored } = await setUp(0);
    store.failNext = ['none', 'before'];
    expect((await post(body)).status).toBe(503);
    const begun = context.begunBodies.size;
    const other = { ...protocol, name: 'other' };
    const request = new Request('http://localhost/toy', { method: 'POST', body });
    expect((await postProtocol(context, request, other)).status).toBe(200);
    expect(context.begunBodies.size).toBe(begun);
    expect((await stored()).length).toBeGreaterThan(30);
  });
});
