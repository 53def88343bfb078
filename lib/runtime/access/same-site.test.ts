import { expect, test } from 'vitest';
import { isFromOwnPage, refuseForms, refuseOtherSites } from './same-site.ts';

const headerOf = (headers: Record<string, string>) => (name: string) => headers[name] ?? null;

test.each([
  [{}, true],
  [{ 'sec-fetch-site': 'same-origin', origin: 'http://logs.example:3000' }, true],
  [{ 'sec-fetch-site': 'none' }, true],
  [{ 'sec-fetch-site': 'cross-site' }, false],
  [{ 'sec-fetch-site': 'same-site' }, false],
  [{ host: 'upstream:3000', 'x-forwarded-host': 'logs.example', origin: 'https://logs.example' }, true],
  [{ origin: 'http://evil.example' }, false],
  [{ origin: 'http://logs.example:3001' }, false],
  [{ origin: 'null' }, false],
  [{ origin: 'nonsense' }, false],
])('a page with %j may act with the cookie: %s', (headers, may) => {
  const refuse = () => refuseOtherSites(headerOf({ host: 'logs.example:3000', ...headers } as Record<string, string>));
  if (may) refuse();
  else expect(refuse).toThrow('another site');
});

test.each([
  [{}, true],
  [{ 'content-type': 'application/json' }, true],
  [{ 'content-type': 'application/json; charset=utf-8' }, true],
  [{ 'content-type': 'application/x-www-form-urlencoded' }, false],
  [{ 'content-type': 'text/plain' }, false],
  [{ 'content-type': 'application/jsonp' }, false],
])('%j is what no form could send: %s', (headers, isFine) => {
  const refuse = () => refuseForms(headerOf(headers as Record<string, string>));
  if (isFine) refuse();
  else expect(refuse).toThrow('application/json');
});

test.each([
  [{ host: 'a.example' }, true],
  [{ host: 'a.example:3000', origin: 'http://a.example:3000' }, true],
  [{ host: 'A.Example', origin: 'https://a.example' }, true],
  [{ host: 'a.example', origin: 'https://b.example' }, false],
  [{ host: 'a.example:3000', origin: 'http://a.example:3001' }, false],
  [{ host: '127.0.0.1:3000', 'x-forwarded-host': 'a.example', origin: 'https://a.example' }, true],
  [{ host: '127.0.0.1:3000', 'x-forwarded-host': 'a.example, proxy', origin: 'https://a.example' }, true],
  [{ host: '127.0.0.1:3000', 'x-forwarded-host': 'proxy, a.example', origin: 'https://a.example' }, false],
  [{ host: 'a.example', origin: 'null' }, false],
  [{ origin: 'https://a.example' }, false],
] as [Record<string, string>, boolean][])('%j asks from its own page, or from none: %s', (headers, expected) => {
  expect(isFromOwnPage((name) => headers[name] ?? null)).toBe(expected);
});
