import { afterAll, beforeAll, describe, test } from 'vitest';
import { type InProcessServer, type Served, startInProcess, type Transport } from '../support/in-process-server.ts';
import { type ServerKind, ServerProcess } from '../support/server-process.ts';
import { CASES } from './cases.ts';
import { Bench, COMMON_SETTINGS } from './conformance-case.ts';

const withoutSettings = CASES.filter(({ settings }) => settings === undefined);
const withSettings = CASES.filter(({ settings }) => settings !== undefined);

async function runOn(bench: Bench, run: (bench: Bench) => Promise<void>): Promise<void> {
  try {
    await run(bench);
  } finally {
    bench.release();
  }
}

describe.each<Transport>(['socket', 'web'])('on the %s transport', (transport) => {
  let shared: InProcessServer;
  beforeAll(async () => {
    shared = await startInProcess(transport, COMMON_SETTINGS);
  });
  afterAll(() => shared.close());

  test.each(withoutSettings)('$name', ({ run }) => runOn(new Bench(shared), run));

  test.each(withSettings)('$name', async ({ run, settings }) => {
    const own = await startInProcess(transport, { ...COMMON_SETTINGS, ...settings });
    try {
      await runOn(new Bench(own, own.runtime), run);
    } finally {
      await own.close();
    }
  });
});

describe.each<ServerKind>(['npm', 'next'])('in a process of its own (%s start)', (kind) => {
  let shared: ServerProcess;
  beforeAll(async () => {
    shared = await ServerProcess.start({ kind, environment: COMMON_SETTINGS });
  });
  afterAll(() => shared.stop());

  test.each(withoutSettings)('$name', ({ run }) => {
    const served: Served = { url: shared.url, close: () => shared.stop() };
    return runOn(new Bench(served), run);
  });
});
