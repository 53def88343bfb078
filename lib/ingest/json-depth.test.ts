import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exceedsJsonDepth } from './json-depth.ts';

function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

test('counts what is within each other, and nothing in a text', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const body = Buffer.from(JSON.stringify(value));
      const depth = depthOf(value);
      expect(exceedsJsonDepth(body, depth)).toBe(false);
      if (depth > 0) expect(exceedsJsonDepth(body, depth - 1)).toBe(true);
    }),
    { seed: 1, numRuns: 500 },
  );
  expect(exceedsJsonDepth(Buffer.from('"[[[[\\"[[[["'), 0)).toBe(false);
});
