import { setTimeout as pause } from 'node:timers/promises';
import { Client, errors } from '@elastic/elasticsearch';
import { expect, test } from 'vitest';
import { FaultyStore } from './support/faulty-store.ts';
import { startInProcess } from './support/in-process-server.ts';

const documents = (count: number) => Array.from({ length: count }, (_, n) => ({ message: `m${n}`, n }));

test('while the store is away the official client is told 503, comes again by itself, and nothing is lost or doubled', async () => {
  const store = new FaultyStore();
  const environment = { TAILRACE_HELD_EVENTS_MAX: '0', TAILRACE_BREAKER_COOLDOWN_MS: '100' };
  const server = await startInProcess('socket', environment, { wrapHistory: store.wrap });
  // It comes again at once each time: how often fits into a second is the machine's affair.
  const client = new Client({ node: `${server.url}/elasticsearch`, maxRetries: 100_000 });
  try {
    const source = (async function* () {
      for (const document of documents(4000)) {
        if (document.n % 100 === 0) await pause(5);
        yield document;
      }
    })();
    const sending = client.helpers.bulk({
      datasource: source,
      onDocument: ({ n }: { n: number }) => ({ create: { _id: String(n) } }),
      flushBytes: 5000,
    });
    await pause(60);
    store.isDown = true;
    await pause(1000);
    store.isDown = false;
    expect(await sending).toMatchObject({ successful: 4000, failed: 0 });
    expect(server.runtime.journal.headSeq).toBe(4000);
    expect(server.runtime.senders.rows()[0]?.failed).toBeGreaterThan(0);
    expect(server.runtime.bodyGate.held).toBe(0);
  } finally {
    await client.close();
    await server.close();
  }
});

test('who sends more than it may is told 429 for the whole request, and when to come back', async () => {
  const server = await startInProcess('socket', { TAILRACE_INGEST_RATE: '10' });
  const client = new Client({ node: server.url });
  const send = () => client.bulk({ operations: documents(12).flatMap((document) => [{ create: {} }, document]) });
  try {
    expect(await send()).toMatchObject({ errors: false });
    const refused = await send().catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(errors.ResponseError);
    expect(refused).toMatchObject({
      statusCode: 429,
      headers: { 'retry-after': expect.stringMatching(/^\d+$/) },
      body: { error: { type: 'es_rejected_execution_exception' }, status: 429 },
    });
    await expect.poll(async () => (await send().catch(() => undefined))?.errors, { timeout: 10_000 }).toBe(false);
    expect(server.runtime.journal.headSeq).toBe(24);
  } finally {
    await client.close();
    await server.close();
  }
});
