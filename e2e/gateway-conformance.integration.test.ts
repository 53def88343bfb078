import { afterAll, beforeAll, describe, test } from 'vitest';
import { CASES } from './conformance/cases.ts';
import { Bench, exclusion } from './conformance/conformance-case.ts';
import { TRANSPORTS } from './conformance/transports.ts';
import { GatewayPair } from './support/gateway-pair.ts';

let pair: GatewayPair;
beforeAll(async () => {
  pair = await GatewayPair.start({ TAILRACE_RETRY_MS: '2000' });
});
afterAll(() => pair.stop());

/** Those that need no settings of their own, with what is sent going through the gateway too. */
const transports = TRANSPORTS.filter(
  ({ server, missing, settings, name }) =>
    server === 'socket' &&
    missing === undefined &&
    settings === undefined &&
    ['sse', 'ws', 'http', 'poll'].includes(name),
);

describe.each(transports)('$name through a gateway of its own', (transport) => {
  const cases = CASES.filter((one) => one.settings === undefined && exclusion(one, transport) === undefined);

  test.each(cases)('$name', async ({ run }) => {
    const bench = new Bench({ url: pair.gateway.url }, transport);
    try {
      await run(bench);
    } finally {
      bench.release();
    }
  });
});
