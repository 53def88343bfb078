import { expect, test } from 'vitest';
import { refuseForms, refuseOtherSites } from './same-site.ts';

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
