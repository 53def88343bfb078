import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FrameParts, OPCODE, RawWebSocket, rawFrame } from './conformance/clients/raw-web-socket.ts';
import { WsClient } from './conformance/clients/ws-client.ts';
import { NO_FAULTS } from './support/continuity-ledger.ts';
import { EventFactory } from './support/events.ts';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { publish } from './support/ingest-client.ts';
import { Random, withSeed } from './support/random.ts';
import { until } from './support/wait.ts';

let server: InProcessServer;
let errors: unknown[];
beforeEach(async () => {
  server = await startInProcess('socket', { TAILRACE_HEARTBEAT_MS: '400' });
  errors = [];
  process.on('uncaughtException', onError);
});
afterEach(async () => {
  process.off('uncaughtException', onError);
  await server.close();
  expect(errors).toEqual([]);
  expect(server.runtime.ledger.leaks).toEqual([]);
});
const LOG = { service: 'api', kind: 'log', level: 'info', message: 'm' } as const;
const onError = (error: unknown): void => void errors.push(error);

/** Nothing of what was opened is held any more, and whoever comes next is let in. */
async function expectFree(): Promise<void> {
  const { hub, ledger } = server.runtime;
  await until('the hub to be empty', () => hub.connections === 0);
  await until('nothing to be held', () => ledger.held('connection') + ledger.held('wheel-slot') === 0);
  expect(ledger.leaked).toBe(0);
  const { limits } = hub.admission;
  expect(limits.connectionsMax).toBeGreaterThan(0);
  const next = await RawWebSocket.open(server.url);
  expect(hub.connections).toBe(1);
  next.socket.destroy();
  await until('the hub to be empty again', () => hub.connections === 0);
}

const BREACHES: readonly [string, FrameParts, number][] = [
  ['an opcode that is none', { opcode: 3, payload: 'x' }, 1002],
  ['a control opcode that is none', { opcode: 11 }, 1002],
  ['a frame that is not masked', { opcode: OPCODE.text, payload: '{}', masked: false }, 1002],
  ['a reserved bit', { opcode: OPCODE.text, payload: '{}', reserved: 4 }, 1002],
  ['another reserved bit', { opcode: OPCODE.text, payload: '{}', reserved: 1 }, 1002],
  ['a control frame in pieces', { opcode: OPCODE.ping, fin: false }, 1002],
  ['a control frame that is too long', { opcode: OPCODE.ping, payload: 'p'.repeat(126) }, 1002],
  ['a continuation of nothing', { opcode: OPCODE.continuation, payload: 'x' }, 1002],
  ['a close frame with a code that must not be sent', { opcode: OPCODE.close, payload: Buffer.from([3, 237]) }, 1002],
  ['a message of more than 64 KiB', { opcode: OPCODE.text, payload: 'x'.repeat(65_537) }, 1009],
  ['the announcement of a message of 8 EiB', { opcode: OPCODE.text, length: 2 ** 53 - 1 }, 1009],
  ['a binary message', { opcode: OPCODE.binary, payload: '{"type":"ping"}' }, 1003],
  ['text that is no UTF-8', { opcode: OPCODE.text, payload: Buffer.from([0x22, 0xff, 0xfe, 0x22]) }, 1007],
];

describe('what breaks the protocol', () => {
  test.each(BREACHES)('%s ends that connection with its code and disturbs no other', async (_what, frame, code) => {
    const other = new WsClient(server.url);
    await other.first('live');
    const raw = await RawWebSocket.open(server.url);
    raw.say(frame);
    await until('the close frame', () => raw.closeCode !== undefined);
    expect(raw.closeCode).toBe(code);
    // At once, whether it answers or not.
    await until('the place', () => server.runtime.hub.connections === 1);
    expect(server.runtime.hub.closedByReason.get('protocol')).toBe(1);
    raw.socket.destroy();
    await publish(server.url, new EventFactory(new Random(1)).many(10));
    await other.events(10);
    expect(other.ledger.faults).toEqual(NO_FAULTS);
    other.close();
    await expectFree();
  });

  test('a message in many pieces counts as one, in bytes too', async () => {
    const raw = await RawWebSocket.open(server.url);
    const pieces = ['{"type":"pi', 'ng","id', '":"7"}'];
    for (const [index, payload] of pieces.entries()) {
      const opcode = index === 0 ? OPCODE.text : OPCODE.continuation;
      raw.say({ opcode, payload, fin: index === pieces.length - 1 });
    }
    await until('the pong', () => raw.names().includes('pong'));
    raw.say({ opcode: OPCODE.text, payload: 'x'.repeat(40_000), fin: false });
    raw.say({ opcode: OPCODE.continuation, payload: 'x'.repeat(40_000) });
    await until('the close frame', () => raw.closeCode === 1009);
    raw.socket.destroy();
    await expectFree();
  });

  test('random bytes in place of frames disturb nobody', () =>
    withSeed(async (random) => {
      const other = new WsClient(server.url);
      await other.first('live');
      for (let round = 0; round < 60; round += 1) {
        const raw = await RawWebSocket.open(server.url);
        const length = random.integer(1, 300);
        raw.socket.write(Buffer.from(Array.from({ length }, () => random.integer(0, 255))));
        if (random.next() < 0.5) raw.socket.resetAndDestroy();
        else raw.socket.end();
        await until('the end', () => raw.ended);
      }
      await publish(server.url, new EventFactory(random).many(10));
      await other.events(10);
      expect(other.connections).toBe(1);
      other.close();
      await expectFree();
    }));
});

describe('what keeps the protocol and is no good', () => {
  test.each(['nonsense', '9e99', '-1', '', '99999999999999999999', '1e300', '0x10', 'Infinity'])(
    'a pong that nobody asked for and says %j is taken as a sign of life',
    async (payload) => {
      const raw = await RawWebSocket.open(server.url);
      raw.say({ opcode: OPCODE.pong, payload });
      raw.sayJson({ type: 'ping' });
      await until('the pong', () => raw.names().includes('pong'));
      const [session] = server.runtime.hub.sessions.values();
      expect(session?.clock.roundTripMs).toBeUndefined();
      expect(session?.clock.ackedSeq).toBeUndefined();
      raw.socket.destroy();
      await expectFree();
    },
  );

  test('a message that is not understood is answered, and after sixteen the line is closed', async () => {
    const raw = await RawWebSocket.open(server.url);
    raw.say({ opcode: OPCODE.text, payload: 'no JSON' });
    await until('the answer', () => raw.names().includes('error'));
    expect(raw.told().at(-1)?.data).toMatchObject({ code: 'bad-request' });
    await publish(server.url, [{ message: 'goes on' }]);
    await until('the event', () => raw.names().includes('log'));
    for (const message of [[], null, 7, { type: 'no' }, { type: 'subscribe', query: 'level=loud' }])
      raw.sayJson(message);
    for (let more = 0; more < 12; more += 1) raw.sayJson({ type: 'subscribe' });
    await until('the close frame', () => raw.closeCode === 1008);
    expect(raw.names().filter((name) => name === 'error')).toHaveLength(16);
    raw.socket.destroy();
    await expectFree();
  });

  test('who subscribes in a loop is told so and let go, before the history has been read a hundred times', async () => {
    const raw = await RawWebSocket.open(server.url);
    const before = server.runtime.hub.opened;
    for (let round = 0; round < 500; round += 1) raw.sayJson({ type: 'subscribe', query: 'from=-1h' });
    await until('the close frame', () => raw.closeCode === 1008);
    const told = raw.told().filter(({ event }) => event === 'error');
    expect(told.at(-1)?.data).toMatchObject({ code: 'rate-limited' });
    expect(server.runtime.hub.opened - before).toBeLessThan(40);
    expect(server.runtime.connections.closed.newest().filter(({ row }) => row.reason === 'resubscribed')).toEqual([]);
    raw.socket.destroy();
    await expectFree();
  });

  test('who pings in a loop and reads nothing costs a bounded amount', async () => {
    const raw = await RawWebSocket.open(server.url);
    raw.socket.pause();
    const ping = Buffer.concat(
      Array.from({ length: 200 }, () => rawFrame({ opcode: OPCODE.ping, payload: 'p'.repeat(120) })),
    );
    const [session] = server.runtime.hub.sessions.values();
    for (let round = 0; round < 400 && !raw.ended; round += 1) {
      raw.socket.write(ping);
      if (round % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(session?.writer.queuedBytes ?? 0).toBeLessThan(1024 * 1024);
    }
    raw.socket.destroy();
    await expectFree();
  });
});

describe('the handshake', () => {
  test.each([
    ['a version that is not spoken', { 'Sec-WebSocket-Version': '12' }, 426],
    ['a key that is none', { 'Sec-WebSocket-Key': 'short' }, 400],
    ['a page of another origin', { Origin: 'https://evil.example' }, 403],
    ['a page without an origin', { Origin: 'null' }, 403],
    ['an origin that is none', { Origin: '::' }, 403],
  ])('%s is refused', async (_what, headers, status) => {
    const raw = new RawWebSocket(server.url, '/api/ws', headers);
    await until('the end', () => raw.ended);
    expect([raw.status, raw.frames]).toEqual([status === 426 ? expect.toBeOneOf([400, 426]) : status, []]);
    await expectFree();
  });

  test('a page of the same host is let in, behind a proxy that says who was asked too', async () => {
    const { host } = new URL(server.url);
    const same = await RawWebSocket.open(server.url, '/api/ws', { Origin: `http://${host.toUpperCase()}` });
    const forwarded = { Origin: 'https://logs.example', 'X-Forwarded-Host': 'logs.example, inner' };
    const behind = await RawWebSocket.open(server.url, '/api/ws', forwarded);
    for (const raw of [same, behind]) raw.socket.destroy();
    await expectFree();
  });

  test('another path is answered with 404, and the connection does not stay', async () => {
    const raw = new RawWebSocket(server.url, '/api/nothing');
    await until('the end', () => raw.ended);
    expect(raw.status).toBe(404);
  });

  test('a client that leaves in the middle of it, or right after it, leaves nothing behind', () =>
    withSeed(async (random) => {
      const gone = Array.from({ length: 200 }, async (_, index) => {
        const origin = index % 4 === 0 ? { Origin: 'https://evil.example' } : {};
        const raw = new RawWebSocket(server.url, index % 7 === 0 ? '/api/none' : '/api/ws', origin);
        await new Promise((resolve) => setTimeout(resolve, random.integer(0, 30)));
        if (random.next() < 0.7) raw.socket.resetAndDestroy();
        else raw.socket.destroy();
      });
      await Promise.all(gone);
      await expectFree();
    }));
});

test('a client that has been told goodbye and does not answer is cut off', async () => {
  const raw = await RawWebSocket.open(server.url);
  raw.socket.pause();
  const [session] = server.runtime.hub.sessions.values();
  session?.dismiss('disconnected');
  raw.socket.resume();
  await until('the close frame', () => raw.closeCode === 4008);
  expect(raw.names().at(-1)).toBe('bye');
  await until('the line to be cut', () => raw.ended, 15_000);
  await expectFree();
});

test('what the server holds back for a fault keeps its place before what a new filter brings', async () => {
  await server.close();
  server = await startInProcess('socket', { TAILRACE_CHAOS: '1', TAILRACE_HEARTBEAT_MS: '5000' });
  const client = new WsClient(server.url, { query: '?service=api' });
  await client.first('live');
  server.runtime.chaos?.inject({ fault: 'delay', delayMs: 150, share: 1, seconds: 60 });
  const factory = new EventFactory(new Random(3), 'held');
  for (let round = 0; round < 8; round += 1) {
    await publish(server.url, factory.many(5, LOG));
    // Both let all of these through: what was judged and left out would move the place, not the client's cursor.
    client.subscribe(round % 2 === 0 ? 'service=api&kind=log' : 'service=api');
    await publish(server.url, factory.many(5, LOG));
  }
  server.runtime.chaos?.healAll();
  await until('the head', () => client.ledger.lastEventId === server.runtime.head());
  expect(client.ledger.faults).toEqual(NO_FAULTS);
  expect([...client.ledger.seen.values()].every((count) => count === 1)).toBe(true);
  client.close();
});
