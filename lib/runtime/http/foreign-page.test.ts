import { expect, test } from 'vitest';
import { refuseForeignPage, senderHeader } from './foreign-page.ts';

const SHOP = 'https://shop.example';
const asked = (headers: Record<string, string>) => () => refuseForeignPage((name) => headers[name] ?? null, [SHOP]);

test.each([
  ['a program, which has no origin', { host: '127.0.0.1:3000' }],
  ['a page of this server', { host: '127.0.0.1:3000', origin: 'http://127.0.0.1:3000' }],
  [
    'a page behind a proxy',
    { host: 'inner', 'x-forwarded-host': 'logs.example.com, inner', origin: 'https://logs.example.com' },
  ],
  ['a page whose origin is named in the settings', { host: '127.0.0.1:3000', origin: SHOP }],
])('%s may send text', (_title, headers) => {
  expect(asked(headers)).not.toThrow();
});

test.each([
  ['another page', { host: '127.0.0.1:3000', origin: 'https://evil.example' }],
  ['a page of another port', { host: '127.0.0.1:3000', origin: 'http://127.0.0.1:8080' }],
  ['a page that hides where it is from', { host: '127.0.0.1:3000', origin: 'null' }],
  ['a page below an origin that is named', { host: '127.0.0.1:3000', origin: 'https://evil.shop.example' }],
  ['a page of its name without TLS', { host: '127.0.0.1:3000', origin: 'http://shop.example' }],
])('%s may not', (_title, headers) => {
  expect(asked(headers)).toThrow(/may not send here: name its origin in TAILRACE_ALLOWED_ORIGINS/);
});

test('the cookie of a reader counts for pages of this server alone, the key of a page for every page', () => {
  const shown = (origin?: string) => {
    const headers = { host: 'logs.example', cookie: 'tailrace-session=x', authorization: 'Bearer key' };
    const header = senderHeader(
      new Request('http://logs.example/', { headers: { ...headers, ...(origin && { origin }) } }),
    );
    return [header('cookie'), header('authorization')];
  };
  expect(shown()).toEqual(['tailrace-session=x', 'Bearer key']);
  expect(shown('http://logs.example')).toEqual(['tailrace-session=x', 'Bearer key']);
  for (const origin of [SHOP, 'null', 'http://logs.example:81']) expect(shown(origin)).toEqual([null, 'Bearer key']);
});
