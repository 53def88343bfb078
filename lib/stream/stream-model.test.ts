import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileFilter, type Filter, filterKey } from '@/lib/core/filter.ts';
import { ResourceLedger } from '@/lib/core/ledger.ts';
import type { PreparedEvent } from '@/lib/core/prepared-event.ts';
import { filterOf, searchableEvent } from '@/lib/core/testing/arbitraries.ts';
import { Follower } from '@/lib/journal/follower.ts';
import type { JournalView } from '@/lib/journal/journal-view.ts';
import { makeJournal } from '@/lib/journal/testing/make-journal.ts';
import { Cancellation } from './cancellation.ts';
import { FanOutGroup } from './fan-out-group.ts';
import { HeartbeatFrames } from './heartbeat-frames.ts';
import { StreamSession } from './stream-session.ts';
import { resolveStart, type StreamStart } from './stream-start.ts';
import { PEER, RULES } from './testing/make-hub.ts';
import { FakeSink, ModelClient } from './testing/model-client.ts';
import { sseFormat } from './wire-format.ts';

type Disturbance = { act: 'drain' | 'leave' | 'dismiss' | 'beat'; which: number; room: number };
type Step =
  | { act: 'append'; events: PreparedEvent[] }
  | { act: 'open'; filter: Filter; start: number; room: number }
  | Disturbance
  | { act: 'advance' | 'nudge' | 'turn' }
  | { act: 'retain'; part: number };

const which = fc.nat({ max: 5 });
const room = fc.integer({ min: 1, max: 6 });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      act: fc.constant('append' as const),
      events: fc.array(searchableEvent, { minLength: 1, maxLength: 12 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      act: fc.constant('open' as const),
      filter: fc.oneof(filterOf, fc.constant({})),
      start: fc.integer({ min: -90, max: 5 }),
      room,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      act: fc.constantFrom('drain' as const, 'beat' as const, 'drain' as const, 'leave' as const, 'dismiss' as const),
      which,
      room,
    }),
  },
  { weight: 5, arbitrary: fc.record({ act: fc.constantFrom('advance' as const, 'nudge' as const, 'turn' as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({ act: fc.constant('retain' as const), part: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
);

/** Journal, groups and sessions as the hub joins them, but every turn is the test's. */
class World {
  readonly parts = makeJournal({ ring: { eventsMax: 20, bytesMax: 1e6 }, pendingEventsMax: 1e6 });
  readonly groups = new Map<string, FanOutGroup>();
  readonly clients: { sink: FakeSink; session: StreamSession; model: ModelClient }[] = [];
  readonly all: PreparedEvent[] = [];
  readonly appends: Promise<unknown>[] = [];
  readonly errors: unknown[] = [];
  readonly ledger = new ResourceLedger(() => 0);
  readonly cancellation = new Cancellation();
  readonly follower: Follower | undefined;

  /** @param isFollowed the streams are another process's, which knows of the journal what is stored */
  constructor(isFollowed: boolean) {
    if (!isFollowed) return;
    const parts = { store: this.parts.store, owner: this.ledger.owner('follower') };
    const ring = { eventsMax: 20, bytesMax: 1e6 };
    this.follower = new Follower({ ...parts, ring, behindMax: 25, onError: (error) => this.errors.push(error) });
  }

  get view(): JournalView {
    return this.follower ?? this.parts.journal;
  }

  async open(): Promise<void> {
    this.parts.store.pageRows = 7;
    this.parts.store.pause = () => new Promise((resolve) => setImmediate(resolve));
    await this.parts.journal.open();
    await this.follower?.open();
  }

  run(next: Step): Promise<unknown> | undefined {
    const { journal, store, clock } = this.parts;
    clock.ms += 400;
    if (next.act === 'append') {
      this.all.push(...next.events);
      this.appends.push(journal.append(next.events));
    } else if (next.act === 'open') this.connect(next);
    else if (next.act === 'advance') this.advance();
    else if (next.act === 'nudge') this.advance(true);
    else if (next.act === 'turn') return new Promise((resolve) => setImmediate(resolve));
    else if (next.act === 'retain') {
      store.removeBefore(Math.floor(next.part * store.headSeq));
      // The loop that tells the journal runs now and then only.
      if (next.part > 0.5)
        journal.noteOldest(store.headSeq > 0 ? Math.max(1, Math.floor(next.part * store.headSeq)) : 1);
    } else if ('which' in next) this.disturb(next);
    return undefined;
  }

  connect({ filter, start, room: sinkRoom }: Extract<Step, { act: 'open' }>): void {
    const { clock, store } = this.parts;
    const journal = this.view;
    const key = filterKey(filter);
    const group = this.groups.get(key) ?? new FanOutGroup(key, filter, sseFormat, journal);
    this.groups.set(key, group);
    const sink = new FakeSink();
    sink.room = sinkRoom;
    const matches = compileFilter(filter);
    const model = new ModelClient({
      matching: (from, to) =>
        this.all.flatMap((event, index) => (index >= from && index < to && matches(event) ? [index + 1] : [])),
      oldestSeq: () => Math.max(journal.oldestSeq, store.oldestSeq),
      bodyOf: (seq) => this.all[seq - 1]?.body ?? '',
    });
    sink.onFrame = (frame) => {
      if (frame.event !== 'bye') model.take(frame);
    };
    const session = new StreamSession({
      ...{ id: `s${this.clients.length}`, peer: PEER, rules: RULES, journal, group, sink },
      resources: this.ledger.owner(`s${this.clients.length}`),
      now: clock.now,
      retryMs: () => 10,
      ackMs: () => RULES.heartbeatMs,
      cancellation: this.cancellation,
      heartbeats: new HeartbeatFrames(),
      delivered: { events: 0, bytes: 0 },
      speed: undefined,
      start: { kind: 'now' },
      onClosed: () => undefined,
      onError: (error) => this.errors.push(error),
    });
    sink.events = session;
    this.clients.push({ sink, session, model });
    const seq = Math.max(0, journal.headSeq + Math.min(start, 0));
    if (start <= 2) model.asked = seq;
    const from: StreamStart =
      start > 2 ? { kind: 'now' } : { kind: 'position', position: { epoch: journal.epoch, seq } };
    session.begin(() => resolveStart(journal, from));
  }

  disturb({ act, which: index, room: sinkRoom }: Disturbance): void {
    const client = this.clients[index];
    if (!client || client.sink.ended) return;
    if (act === 'drain') client.sink.drain(sinkRoom);
    else if (act === 'beat') client.session.beat(this.parts.clock.ms);
    else if (act === 'dismiss') client.session.dismiss('draining');
    else client.session.onClose('client-left');
  }

  /** @param little one delivery a group: what follows meets a frame that some of them have and others have not */
  advance(little = false): void {
    const { clock } = this.parts;
    for (const group of this.groups.values()) group.advance(clock.ms, this.view.headSeq, () => little);
    void this.follower?.refresh();
  }

  /** Lets everything come to rest with sinks that take all. */
  async settle(): Promise<void> {
    await Promise.all(this.appends);
    await this.view.refresh();
    for (let turn = 0; turn < 400; turn += 1) {
      this.advance();
      for (const { sink } of this.clients) if (!sink.ended) sink.drain();
      await new Promise((resolve) => (turn < 20 ? setImmediate(resolve) : setTimeout(resolve, 5)));
      const open = this.clients.filter(({ session }) => session.life.state !== 'closed');
      if (
        open.every(({ session }) => session.life.activity === 'live' && session.cursor === this.parts.journal.headSeq)
      )
        return;
    }
    throw new Error('the streams did not come to rest');
  }
}

const says = 'every client gets what matches exactly once and in order, but for the gaps it is told';

test.each([
  { name: `whatever happens, ${says}`, isFollowed: false },
  { name: `whatever happens to a journal that is followed, ${says}`, isFollowed: true },
])(
  '$name',
  async ({ isFollowed }) => {
    let deliveries = 0;
    let gaps = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 90 }), async (steps) => {
        const world = new World(isFollowed);
        await world.open();
        for (const next of steps) await world.run(next);
        await world.settle();
        expect(world.errors).toEqual([]);
        for (const { session, sink, model } of world.clients) {
          if (session.life.activity !== 'live') continue;
          // A heartbeat brings the cursor of a filtered stream to the head, and the model compares all there is.
          session.beat(world.parts.clock.ms + 10_000);
          expect(model.isLive).toBe(true);
          expect(model.cursor).toBe(world.parts.journal.headSeq);
          expect(sink.ended).toBe(false);
          deliveries += model.received.length;
          gaps += model.gaps.length;
        }
        for (const { session } of world.clients) session.dismiss('draining');
        await new Promise((resolve) => setTimeout(resolve, 0));
        for (const { session } of world.clients) expect(session.life.state).toBe('closed');
        expect(world.ledger.heldTotal).toBe(0);
      }),
      { seed: 11, numRuns: 160 },
    );
    // The walk has to visit what it is about.
    expect(deliveries).toBeGreaterThan(3000);
    expect(gaps).toBeGreaterThan(5);
  },
  20_000,
);
