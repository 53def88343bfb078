import type { IncomingMessage } from 'node:http';
import { expect, test } from 'vitest';
import { isSameOrigin } from './same-origin.ts';

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
])('%j asks from its own page: %s', (headers, expected) => {
  expect(isSameOrigin({ headers } as unknown as IncomingMessage)).toBe(expected);
});
