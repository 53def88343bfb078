import { createHash } from 'node:crypto';
import { decode, encode } from '@msgpack/msgpack';
import { expect, test } from 'vitest';
import { ForwardHandshake } from './forward-handshake.ts';
import { decodeValue } from './msgpack-values.ts';

const sha512 = (...parts: (string | Uint8Array)[]): string => {
  const hash = createHash('sha512');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

function begun() {
  const handshake = new ForwardHandshake('secret', 'server');
  const [kind, { nonce }] = decode(handshake.helo) as [string, { nonce: Uint8Array }];
  expect(kind).toBe('HELO');
  return { nonce, ask: (ping: unknown) => handshake.answer(decodeValue(encode(ping))) };
}

test('who knows the key is let in, and is told that the server knows it too', () => {
  const { nonce, ask } = begun();
  const { isRight, pong } = ask(['PING', 'me', 'salt', sha512('salt', 'me', nonce, 'secret'), '', '']);
  expect(isRight).toBe(true);
  expect(decode(pong)).toEqual(['PONG', true, '', 'server', sha512('salt', 'server', nonce, 'secret')]);
});

test('who does not, or sends events first, is not', () => {
  const { nonce, ask } = begun();
  const wrong = ask(['PING', 'me', 'salt', sha512('salt', 'me', nonce, 'guess'), '', '']);
  expect([wrong.isRight, (decode(wrong.pong) as unknown[])[1]]).toEqual([false, false]);
  for (const other of [['tag', 1, { message: 'x' }], ['PING'], 5, null, ['PING', 'me', 'salt', 'short', '', '']]) {
    expect(ask(other).isRight).toBe(false);
  }
});

test('every connection has a nonce of its own', () => {
  expect(begun().nonce).not.toEqual(begun().nonce);
});
