import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loginPath, nextPath } from './next-path.ts';

test.each([
  ['/metrics?range=5m#x', '/metrics?range=5m#x'],
  ['/', '/'],
  [null, '/logs'],
  ['', '/logs'],
  ['logs', '/logs'],
  ['https://evil.example/', '/logs'],
  ['//evil.example/', '/logs'],
  ['/\\evil.example/', '/logs'],
  ['/\t/evil.example/', '/logs'],
  ['/.//evil.example', '/logs'],
  ['/login?next=/login', '/logs'],
])('after a login for %j a browser goes to %s', (given, expected) => {
  expect(nextPath(given)).toBe(expected);
});

test('whatever is asked for, the browser stays on this server, and is not sent round in a circle', () => {
  const path = fc.string().map((text) => `/${text}`);
  fc.assert(
    fc.property(fc.oneof(path, fc.string(), fc.webUrl()), (given) => {
      const went = new URL(nextPath(given), 'http://here.example');
      expect(went.origin).toBe('http://here.example');
      expect(went.pathname.startsWith('/login')).toBe(false);
      expect(new URL(loginPath(given), 'http://here.example').searchParams.get('next')).toBe(given);
    }),
  );
});
