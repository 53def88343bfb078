import { Metadata } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { parseAsked } from '../http/stream-asked.ts';
import { askedByCall } from './grpc-asked.ts';

function caller(headers: Record<string, string> = {}, peer = '1.2.3.4:5678') {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return { metadata, getPeer: () => peer };
}

test.each([
  ['1.2.3.4:5678', '1.2.3.4'],
  ['::1:5678', '::1'],
  ['::ffff:1.2.3.4:80', '::ffff:1.2.3.4'],
  ['unknown', undefined],
])('the address of %s is %s', (peer, address) => {
  expect(askedByCall(caller({}, peer)).peerAddress).toBe(address);
});

test('metadata are headers, and the field for the cursor wins over the one among them', () => {
  const call = caller({ Authorization: 'Bearer x', 'Last-Event-ID': 'Ab3dE6gH.1' });
  expect(askedByCall(call).header('authorization')).toBe('Bearer x');
  expect(askedByCall(call).header('last-event-id')).toBe('Ab3dE6gH.1');
  expect(askedByCall(call, { lastEventId: 'Ab3dE6gH.2' }).header('last-event-id')).toBe('Ab3dE6gH.2');
  expect(askedByCall(call).header('user-agent')).toBeNull();
});

test('the fields of a request mean what the query of an address means', () => {
  const filter = { kind: 'log', services: ['a&b', 'ü'], level: 'warn', q: 'x=y' };
  const asked = askedByCall(caller(), { filter, from: 'Ab3dE6gH.7', speed: 2 });
  expect(parseAsked(asked)).toEqual({
    filter,
    start: { kind: 'position', position: { epoch: 'Ab3dE6gH', seq: 7 } },
    speed: 2,
  });
});

test('what proto3 says for absent asks for nothing', () => {
  const empty = { filter: { kind: '', services: [], level: '', q: '' }, from: '', lastEventId: '', speed: 0 };
  expect(parseAsked(askedByCall(caller(), empty))).toEqual({ filter: {}, start: { kind: 'now' }, speed: undefined });
});
