import { expect, test } from 'vitest';
import { EventFactory } from './support/events.ts';
import { type Ends, type FullDisk, onFullDisk } from './support/full-disk.ts';
import { post } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { freePort, ServerProcess } from './support/server-process.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

const ENVIRONMENT = { TAILRACE_HELD_EVENTS_MAX: '2000', TAILRACE_BREAKER_COOLDOWN_MS: '300' };

const seqOf = (position: string | null | undefined): number => Number(position?.split('.')[1]);

/** A server that holds 300 events on a full disk, and a client that has seen them. */
async function startHolding(disk: FullDisk, ends: Ends) {
  const port = await freePort();
  const server = await ServerProcess.start({ ...disk.options, port, environment: ENVIRONMENT });
  ends.push(() => server.stop());
  const client = new SseClient(server.url, { keepFrames: true });
  ends.push(() => client.close());
  await client.first('live');
  const factory = new EventFactory(new Random(96));
  let durableSeq = 0;
  for (let round = 0; ; round += 1) {
    const { status, answer } = await post(server.url, factory.many(300));
    if (status === 200) durableSeq = seqOf(answer.last);
    if (status === 202) break;
    if (round > 300) throw new Error('nothing was held');
  }
  await client.events(durableSeq + 300);
  const options = { dataDir: disk.dataDir, port, environment: ENVIRONMENT };
  /** Starts it again, with room on the disk. */
  const startAgain = async (): Promise<ServerProcess> => {
    const next = await ServerProcess.start(options);
    ends.push(() => next.stop());
    return next;
  };
  return { server, client, factory, durableSeq, startAgain };
}

test('kill -9 while events are held: the next start has a new epoch, and says what is missing and that it was never stored', () =>
  onFullDisk(async (disk, ends) => {
    const { server, client, factory, durableSeq, startAgain } = await startHolding(disk, ends);
    const oldEpoch = client.ledger.epoch;
    const resume = (position: string): SseClient => {
      const resumed = new SseClient(server.url, { headers: { 'Last-Event-ID': position }, keepFrames: true });
      ends.push(() => resumed.close());
      return resumed;
    };
    expect(client.ledger.lastEventId).toBe(`${oldEpoch}.${durableSeq + 300}`);
    await server.kill();
    disk.makeRoom(server);
    const second = await startAgain();
    const { answer } = await post(second.url, factory.many(5));
    const newEpoch = answer.first?.split('.')[0];
    expect(newEpoch).not.toBe(oldEpoch);
    expect(answer.first).toBe(`${newEpoch}.${durableSeq + 1}`);

    const ahead = resume(`${oldEpoch}.${durableSeq + 300}`);
    const from = `${newEpoch}.${durableSeq}`;
    expect(await ahead.first('stream')).toMatchObject({ state: 'reset', reason: 'not-stored', missed: 300, from });
    await ahead.events(5);
    expect(ahead.frames.find(({ event }) => event === 'log' || event === 'metric')?.id).toBe(answer.first);

    const behind = resume(`${oldEpoch}.${durableSeq - 2}`);
    const shared = `${newEpoch}.${durableSeq - 2}`;
    expect(await behind.first('stream')).toMatchObject({ state: 'reset', reason: 'epoch', from: shared });
    await behind.events(7);
    expect(behind.ledger.events).toBe(7);

    const page = async (after: string) => (await fetch(`${server.url}/api/events?after=${after}&limit=10`)).json();
    expect((await page(`${oldEpoch}.${durableSeq - 2}`)).events).toHaveLength(7);
    expect(await page(`${oldEpoch}.${durableSeq + 1}`)).toMatchObject({ code: 'bad-request' });

    // Once told, the epoch stays.
    await second.kill();
    const third = await startAgain();
    expect((await post(third.url, factory.many(1))).answer.first).toBe(`${newEpoch}.${durableSeq + 6}`);
  }));

test('a shutdown stores what is held when it can, and the epoch stays', () =>
  onFullDisk(async (disk, ends) => {
    const { server, client, factory, durableSeq, startAgain } = await startHolding(disk, ends);
    disk.makeRoom(server);
    server.signal('SIGTERM');
    expect(await server.exited()).toBe(0);
    const { answer } = await post((await startAgain()).url, factory.many(1));
    expect(answer.first).toBe(`${client.ledger.epoch}.${durableSeq + 301}`);
  }));

test('a shutdown that cannot store what is held says so, and begins a new epoch next time', () =>
  onFullDisk(async (disk, ends) => {
    const { server, client, factory, durableSeq, startAgain } = await startHolding(disk, ends);
    server.signal('SIGTERM');
    expect(await server.exited()).toBe(0);
    await until('the log to say so', () => server.output.includes('300 events were delivered but could not be stored'));
    disk.makeRoom(server);
    const { answer } = await post((await startAgain()).url, factory.many(1));
    expect(answer.first?.split('.')[0]).not.toBe(client.ledger.epoch);
    expect(seqOf(answer.first)).toBe(durableSeq + 1);
  }));
