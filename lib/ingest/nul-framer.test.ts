import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NulFramer } from './nul-framer.ts';

function frames(stream: Buffer, cuts: readonly number[], bytesMax: number): { text: string; length: number }[] {
  const framer = new NulFramer(bytesMax);
  const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b), stream.length];
  const found: { text: string; length: number }[] = [];
  const keep = (all: ReturnType<NulFramer['feed']>): void => {
    for (const { bytes, length } of all) found.push({ text: bytes.toString('latin1'), length });
  };
  for (let index = 1; index < places.length; index += 1) {
    const piece = Buffer.from(stream.subarray(places[index - 1], places[index]));
    keep(framer.feed(piece));
    piece.fill(0x21);
  }
  keep(framer.end());
  return found;
}

test('cut anywhere, the frames are what stands between NULs; half a frame at the end counts, an empty one does not', () => {
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('a', '{"b":1}', '\0', '\n', 'é'), { maxLength: 30 }),
      fc.array(fc.nat(), { maxLength: 8 }),
      fc.integer({ min: 1, max: 12 }),
      (parts, cuts, bytesMax) => {
        const stream = Buffer.from(parts.join(''));
        const whole = stream.toString('latin1').split('\0').filter(Boolean);
        const expected = whole.map((text) => ({ text: text.slice(0, bytesMax), length: text.length }));
        expect(frames(stream, cuts, bytesMax)).toEqual(expected);
      },
    ),
    { seed: 8, numRuns: 2000 },
  );
});
