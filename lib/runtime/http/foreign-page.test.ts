import { expect, test } from 'vitest';
import { refuseForeignPage } from './foreign-page.ts';

const asked = (headers: Record<string, string>) => () => refuseForeignPage((name) => headers[name] ?? null);

test.each([
  ['a program, which has no origin', { host: '127.0.0.1:3000' }],
  ['a page of this server', { host: '127.0.0.1:3000', origin: 'http://127.0.0.1:3000' }],
  [
    'a page behind a proxy',
    { host: 'inner', 'x-forwarded-host': 'logs.example.com, inner', origin: 'https://logs.example.com' },
  ],
])('%s may send text', (_title, headers) => {
  expect(asked(headers)).not.toThrow();
});

test.each([
  ['another page', { host: '127.0.0.1:3000', origin: 'https://evil.example' }],
  ['a page of another port', { host: '127.0.0.1:3000', origin: 'http://127.0.0.1:8080' }],
  ['a page that hides where it is from', { host: '127.0.0.1:3000', origin: 'null' }],
])('%s may not', (_title, headers) => {
  expect(asked(headers)).toThrow(/may not send text/);
});
