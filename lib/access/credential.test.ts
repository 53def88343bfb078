import { expect, test } from 'vitest';
import { credentialOf } from './credential.ts';
import { makeToken } from './secret.ts';

const TOKEN = makeToken();
const ours = { kind: 'token', secret: TOKEN, isOurs: true };

function read(headers: Readonly<Record<string, string>>) {
  return credentialOf((name) => headers[name] ?? null);
}
const base64 = (text: string): string => Buffer.from(text).toString('base64');

test.each([
  ['Bearer', `Bearer ${TOKEN}`],
  ['bearer in small letters, with spaces', `bearer   ${TOKEN} `],
  ['Basic, as the password', `Basic ${base64(`anybody:${TOKEN}`)}`],
  ['Basic, as the name, as curl -u sends it', `Basic ${base64(`${TOKEN}:`)}`],
  ['Splunk', `Splunk ${TOKEN}`],
  ["Elasticsearch's ApiKey", `ApiKey ${base64(`an-id:${TOKEN}`)}`],
  ['ApiKey as it is', `ApiKey ${TOKEN}`],
])('a token comes by %s', (_, authorization) => {
  expect(read({ authorization })).toEqual(ours);
});

test('a token comes by a header of its own, where nothing is said outright', () => {
  expect(read({ 'x-api-key': TOKEN })).toEqual(ours);
  expect(read({ 'x-seq-apikey': TOKEN })).toEqual(ours);
  expect(read({ authorization: 'Bearer other-one', 'x-api-key': TOKEN })).toMatchObject({ secret: 'other-one' });
});

test('what is no token of ours may be one of the settings, a JWT or a password', () => {
  expect(read({ authorization: 'Bearer open-sesame' })).toEqual({
    kind: 'token',
    secret: 'open-sesame',
    isOurs: false,
  });
  expect(read({ authorization: 'Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln' })).toMatchObject({ kind: 'jwt' });
  expect(read({ authorization: `Basic ${base64('ada:a:b')}` })).toEqual({
    kind: 'password',
    username: 'ada',
    password: 'a:b',
  });
});

test('a cookie counts where nothing else is shown, the one of https first', () => {
  expect(read({ cookie: 'a=b; tailrace-session=one' })).toEqual({ kind: 'cookie', secret: 'one' });
  expect(read({ cookie: 'tailrace-session=one; __Host-tailrace-session=two' })).toMatchObject({ secret: 'two' });
  expect(read({ cookie: 'tailrace-session=one', authorization: `Bearer ${TOKEN}` })).toEqual(ours);
  expect(read({ cookie: 'other-tailrace-session=one' })).toBeUndefined();
});

test.each([{}, { authorization: '' }, { authorization: 'Bearer' }, { authorization: 'Digest x' }, { cookie: 'a=b' }])(
  'nothing is shown by %j',
  (headers) => {
    expect(read(headers)).toBeUndefined();
  },
);

test('what is far too long is not looked at', () => {
  expect(read({ authorization: `Bearer ${'x'.repeat(10_000)}` })).toBeUndefined();
});
