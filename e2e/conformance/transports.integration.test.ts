import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type InProcessServer, startInProcess } from '../support/in-process-server.ts';
import { type ServerKind, ServerProcess } from '../support/server-process.ts';
import { CASES } from './cases.ts';
import { Bench, COMMON_SETTINGS, type ConformanceCase, exclusion } from './conformance-case.ts';
import { CAPABILITIES, TRANSPORTS, type TransportUnderTest } from './transports.ts';

async function runOn(bench: Bench, run: (bench: Bench) => Promise<void>): Promise<void> {
  try {
    await run(bench);
  } finally {
    bench.release();
  }
}

/** The cases that apply to a transport. What does not is printed with its reason. */
function casesFor(transport: TransportUnderTest): ConformanceCase[] {
  const out = CASES.flatMap((one) => exclusion(one, transport) ?? []);
  const reasons = [...new Set(out)].map(
    (reason) => `\n    ${out.filter((other) => other === reason).length} × ${reason}`,
  );
  console.info(`${transport.name}: ${CASES.length - out.length} of ${CASES.length} cases${reasons.join('')}`);
  return CASES.filter((one) => exclusion(one, transport) === undefined);
}

const runnable = TRANSPORTS.filter(({ missing }) => missing === undefined);

test('every transport lacks only what it gives a reason for, and every case runs on some', () => {
  for (const { name, missing } of TRANSPORTS) if (missing !== undefined) console.info(`${name}: not run, ${missing}`);
  for (const { lacks } of TRANSPORTS) {
    for (const [capability, reason] of Object.entries(lacks)) {
      expect(CAPABILITIES).toContain(capability);
      expect(reason).not.toBe('');
    }
  }
  const nowhere = CASES.filter((one) => TRANSPORTS.every((transport) => exclusion(one, transport) !== undefined));
  expect(nowhere.map(({ name }) => name)).toEqual([]);
});

// Loops, since `each` would cut and quote the names.
for (const transport of runnable) {
  describe(transport.name, () => {
    let shared: InProcessServer;
    beforeAll(async () => {
      shared = await startInProcess(transport.server, { ...COMMON_SETTINGS, ...transport.settings });
    });
    afterAll(() => shared.close());

    for (const { name, settings, run } of casesFor(transport)) {
      test(name, async () => {
        if (settings === undefined) return runOn(new Bench(shared, transport), run);
        const own = await startInProcess(transport.server, { ...COMMON_SETTINGS, ...transport.settings, ...settings });
        try {
          await runOn(new Bench(own, transport, own.runtime), run);
        } finally {
          await own.close();
        }
      });
    }
  });
}

/** What the built server serves itself, and what its route handlers do under plain Next. */
const BUILT: readonly [ServerKind, TransportUnderTest['server'], readonly string[]][] = [
  ['npm', 'socket', ['sse', 'ws']],
  ['next', 'web', ['sse through a route handler', 'http through a route handler', 'poll through a route handler']],
];

describe.each(BUILT)('in a process of its own (%s start)', (kind, _server, names) => {
  let shared: ServerProcess;
  beforeAll(async () => {
    shared = await ServerProcess.start({ kind, environment: COMMON_SETTINGS });
  });
  afterAll(() => shared.stop());

  for (const transport of runnable.filter(({ name }) => names.includes(name))) {
    describe(transport.name, () => {
      for (const one of CASES) {
        if (one.settings !== undefined || exclusion(one, transport) !== undefined) continue;
        test(one.name, () => runOn(new Bench(shared, transport), one.run));
      }
    });
  }
});
