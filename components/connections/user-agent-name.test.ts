import fc from 'fast-check';
import { expect, test } from 'vitest';
import { userAgentName } from './user-agent-name.ts';

const MOZILLA = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko)';

test.each([
  [`${MOZILLA} Chrome/140.0.0.0 Safari/537.36`, 'Chrome 140'],
  [`${MOZILLA} HeadlessChrome/140.0.0.0 Safari/537.36`, 'Chrome (headless) 140'],
  [`${MOZILLA} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.3485.54`, 'Edge 140'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0', 'Firefox 133'],
  ['Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1 Safari/605.1.15', 'Safari 18'],
  ['curl/8.5.0', 'curl 8'],
  ['python-requests/2.31.0', 'python-requests 2'],
  ['tailrace-load/v2', 'tailrace-load 2'],
  ['node', 'node'],
  ['', 'not told'],
  ['   ', 'not told'],
])('%s is %s', (userAgent, name) => {
  expect(userAgentName(userAgent)).toBe(name);
});

test('whatever a client calls itself, the name fits its column', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (userAgent) => {
      const name = userAgentName(userAgent);
      expect(name.length).toBeGreaterThan(0);
      expect(name.length).toBeLessThanOrEqual(32);
    }),
    { seed: 3 },
  );
});
