import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { post } from './support/ingest-client.ts';
import { Random } from './support/random.ts';
import { ServerProcess } from './support/server-process.ts';
import { SseClient } from './support/sse-client.ts';
import { until } from './support/wait.ts';

const MIB = 1024 * 1024;
/** No file may grow beyond this: what a full disk does, without one. */
const FILE_BYTES_MAX = 4 * MIB;
const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0;

test.skipIf(!hasPrlimit)(
  'a full disk is answered with 503 and Retry-After, streams go on, and all is well when there is room again',
  async () => {
    const wrapper = ['prlimit', `--fsize=${FILE_BYTES_MAX}:unlimited`];
    const server = await ServerProcess.start({ wrapper, environment: { TAILRACE_HEARTBEAT_MS: '300' } });
    const client = new SseClient(server.url, { keepFrames: true });
    try {
      await client.first('live');
      const factory = new EventFactory(new Random(95));
      let accepted = 0;
      let refusal: Awaited<ReturnType<typeof post>> | undefined;
      for (let round = 0; round < 100 && !refusal; round += 1) {
        const sent = await post(server.url, factory.many(900));
        accepted += sent.answer.accepted;
        if (sent.status !== 200) refusal = sent;
      }
      expect(refusal?.status).toBe(503);
      expect(refusal?.answer).toMatchObject({ code: 'storage-unavailable', accepted: 0 });
      expect(Number(refusal?.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
      await client.events(accepted);
      const beats = client.named('heartbeat').length;
      await until('the stream to go on beating', () => client.named('heartbeat').length > beats);

      expect(spawnSync('prlimit', ['--pid', String(server.pid), '--fsize=unlimited']).status).toBe(0);
      await until('the store to take events again', async () => {
        const sent = await post(server.url, factory.many(10));
        accepted += sent.answer.accepted;
        return sent.status === 200;
      });
      await client.events(accepted);
      expect(client.ledger.events).toBe(accepted);
      expect(client.ledger.faults).toEqual(NO_FAULTS);
      expect(client.connections).toBe(1);
    } finally {
      client.close();
      await server.stop();
    }
  },
);
