import { expect, test } from 'vitest';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { onFullDisk } from './support/full-disk.ts';
import { post } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { ServerProcess } from './support/server-process.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

type Sent = Awaited<ReturnType<typeof post>>;

test('a full disk is answered with 503 and Retry-After, events are then held while they fit, and all is stored when there is room again', () =>
  onFullDisk(async (disk, ends) => {
    const environment = {
      TAILRACE_HEARTBEAT_MS: '300',
      TAILRACE_HELD_EVENTS_MAX: '2000',
      TAILRACE_BREAKER_COOLDOWN_MS: '300',
    };
    const server = await ServerProcess.start({ ...disk.options, environment });
    ends.push(() => server.stop());
    const client = new SseClient(server.url, { keepFrames: true });
    ends.push(() => client.close());
    await client.first('live');
    const factory = new EventFactory(new Random(95));
    let accepted = 0;
    const send = async (count: number): Promise<Sent> => {
      const sent = await post(server.url, factory.many(count));
      accepted += sent.answer.accepted;
      return sent;
    };
    const sendUntil = async (count: number, status: number): Promise<Sent> => {
      for (let round = 0; round < 200; round += 1) {
        const sent = await send(count);
        if (sent.status === status) return sent;
      }
      throw new Error(`no ${status} came`);
    };
    const refusal = await sendUntil(900, 503);
    expect(refusal.answer).toMatchObject({ code: 'storage-unavailable', accepted: 0 });
    expect(Number(refusal.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);

    const held = await sendUntil(300, 202);
    expect(held.answer).toMatchObject({ accepted: 300, durable: false });
    const full = await sendUntil(300, 503);
    expect(full.answer).toMatchObject({ code: 'storage-unavailable', accepted: 0 });
    expect(await server.metric('tailrace_held_events')).toBeGreaterThan(1500);
    await client.events(accepted);
    expect(client.text).toContain('"durable":false');
    const beats = client.named('heartbeat').length;
    await until('the stream to go on beating', () => client.named('heartbeat').length > beats);

    disk.makeRoom(server);
    await until('all to be stored', async () => (await server.metric('tailrace_held_events')) === 0);
    await sendUntil(10, 200);
    await client.events(accepted);
    expect(client.ledger.events).toBe(accepted);
    expect(client.ledger.faults).toEqual(NO_FAULTS);
    expect(client.connections).toBe(1);

    const replay = new SseClient(server.url, { query: `?from=${client.ledger.epoch}.0`, keepFrames: false });
    await replay.events(accepted).finally(() => replay.close());
    expect([...replay.ledger.seen]).toEqual([...client.ledger.seen]);
    expect(replay.ledger.faults).toEqual(NO_FAULTS);
  }));
