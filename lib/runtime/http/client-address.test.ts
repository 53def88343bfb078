import type { IncomingMessage } from 'node:http';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { clientAddress, isLoopback, networkOf, peerOf, stampPeer, trustProxies } from './client-address.ts';

const nobody = trustProxies([]);
const proxies = trustProxies(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32']);
const anyAddress = fc.oneof(fc.ipV4(), fc.ipV6());
const header = fc.oneof(
  fc.string(),
  fc.array(fc.oneof(anyAddress, fc.string({ maxLength: 8 }))).map((hops) => hops.join(', ')),
);

test('what an untrusted peer forwards is never believed', () => {
  fc.assert(
    fc.property(anyAddress, header, (peer, forwarded) => {
      expect(clientAddress(peer, forwarded, nobody)).toBe(clientAddress(peer, null, nobody));
    }),
  );
  expect(clientAddress('203.0.113.9', '127.0.0.1', proxies)).toBe('203.0.113.9');
});

test('whatever a client writes to the left of what the trusted proxy saw changes nothing', () => {
  fc.assert(
    fc.property(fc.ipV4(), header, (client, forged) => {
      fc.pre(!client.startsWith('10.') && client !== '192.0.2.7');
      expect(clientAddress('10.0.0.1', `${forged},${client}`, proxies)).toBe(client);
    }),
  );
});

test('several trusted proxies are walked through, up to the first that is not', () => {
  expect(clientAddress('10.0.0.1', '198.51.100.4, 203.0.113.9, 2001:DB8::5, 192.0.2.7', proxies)).toBe('203.0.113.9');
  expect(clientAddress('10.0.0.1', '10.0.0.3, 10.0.0.2', proxies)).toBe('10.0.0.3');
  expect(clientAddress('10.0.0.1', null, proxies)).toBe('10.0.0.1');
});

test('a malformed hop ends the walk at the proxy that reported it', () => {
  for (const wrong of ['', 'unknown', '1.2.3', '1.2.3.4.5', 'evil.example', '1.2.3.4:x', '[::1', '::1::2']) {
    expect(clientAddress('10.0.0.1', `203.0.113.9, ${wrong}`, proxies), wrong).toBe('10.0.0.1');
  }
});

test('an address has one spelling, whatever the socket or the proxy writes', () => {
  expect(clientAddress('::ffff:203.0.113.9', null, nobody)).toBe('203.0.113.9');
  expect(clientAddress('::ffff:10.0.0.1', '::FFFF:cb00:7109', proxies)).toBe('203.0.113.9');
  expect(clientAddress('10.0.0.1', '203.0.113.9:4711', proxies)).toBe('203.0.113.9');
  expect(clientAddress('10.0.0.1', '[2001:0DB9:0::1]:443', proxies)).toBe('2001:db9::1');
  expect(clientAddress(undefined, '127.0.0.1', proxies)).toBe('unknown');
});

test('loopback is 127.0.0.0/8 and ::1, mapped or not', () => {
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) expect(isLoopback(address)).toBe(true);
  for (const address of ['128.0.0.1', '::2', '::ffff:10.0.0.1', 'localhost', 'unknown', '']) {
    expect(isLoopback(address)).toBe(false);
  }
});

test('the stamp replaces what the client has sent, also when the socket has no address', () => {
  const stamp = (remoteAddress: string | undefined) => {
    const req = {
      headers: { 'x-tailrace-peer': '127.0.0.1' },
      socket: { remoteAddress },
    } as unknown as IncomingMessage;
    stampPeer(req);
    return req.headers['x-tailrace-peer'];
  };
  expect(stamp('203.0.113.9')).toBe('203.0.113.9');
  expect(stamp(undefined)).toBeUndefined();
});

test('in a process without our own server a stamp is only the word of the client', () => {
  expect(peerOf(new Request('http://localhost/', { headers: { 'x-tailrace-peer': '127.0.0.1' } }))).toBeUndefined();
});

test('the addresses that one line of IPv6 may use are one network, those of another line are not', () => {
  const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
  const half = fc.array(group, { minLength: 4, maxLength: 4 });
  const plain = (text: string) => clientAddress(text, null, nobody);
  fc.assert(
    fc.property(half, half, half, (line, one, other) => {
      const network = networkOf(plain([...line, ...one].join(':')));
      expect(networkOf(plain([...line, ...other].join(':')))).toBe(
        network.includes('.') ? expect.any(String) : network,
      );
      const next = [...line.slice(0, 3), line[3] === '1' ? '2' : '1'];
      expect(networkOf(plain([...next, ...one].join(':')))).not.toBe(network);
    }),
  );
  expect(networkOf('2001:db8::1')).toBe('2001:db8:0:0::/64');
  expect([networkOf('192.0.2.7'), networkOf('unknown')]).toEqual(['192.0.2.7', 'unknown']);
});
