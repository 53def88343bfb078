import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CASES } from './conformance/cases.ts';
import { Bench, exclusion } from './conformance/conformance-case.ts';
import { TRANSPORTS } from './conformance/transports.ts';
import { GatewayPair } from './support/gateway-pair.ts';

let pair: GatewayPair;
beforeAll(async () => {
  pair = await GatewayPair.make();
  await pair.startOwner();
  await pair.startGateway({ ...pair.allDoors, TAILRACE_RETRY_MS: '2000' });
});
afterAll(() => pair.stop());

/** One of each protocol, with what is sent going through the gateway too; that a client of others' reads the same is the server's to prove. */
const PROTOCOLS = ['sse', 'ws', 'http', 'poll', 'grpc', 'mqtt', 'mqtt over tcp'];
const transports = TRANSPORTS.filter(({ name }) => PROTOCOLS.includes(name));

test('every protocol is there', () => {
  expect(transports.map(({ name }) => name)).toEqual(PROTOCOLS);
});

describe.each(transports)('$name through a gateway of its own', (transport) => {
  const cases = CASES.filter((one) => one.settings === undefined && exclusion(one, transport) === undefined);

  test.each(cases)('$name', async ({ run }) => {
    const bench = new Bench({ url: pair.gateway.url, gateway: pair.doors }, transport);
    try {
      await run(bench);
    } finally {
      bench.release();
    }
  });
});
