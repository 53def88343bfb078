import { expect, test } from 'vitest';
import { type ConnectOptions, connect } from './connect.ts';

test.each<[string, ConnectOptions, RegExp]>([
  ['localhost:3000', {}, /^url: expected an address/],
  ['ftp://host', {}, /^url: expected an address/],
  ['http://me:secret@host', {}, /^url: expected an address/],
  ['http://host?x=1', {}, /^url: expected an address/],
  ['http://host', { token: 'a\nb' }, /^token: expected visible/],
  ['http://host', { from: 'yesterday' }, /^from: expected "now"/],
  ['http://host', { transport: [] }, /^transport/],
  ['http://host', { level: 'loud' as 'warn' }, /^level/],
  ['http://host', { service: Array.from({ length: 33 }, (_, index) => `s${index}`) }, /^services/],
  ['http://host', { q: '' }, /^q/],
])('connect("%s", %j) is refused before anything is asked', (url, options, says) => {
  expect(() => connect(url, options)).toThrow(TypeError);
  expect(() => connect(url, options)).toThrow(says);
});
