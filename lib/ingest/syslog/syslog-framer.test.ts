import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SyslogFramer } from './syslog-framer.ts';

type Cut = { text: string; length: number };

/** Feeds a stream in pieces cut at these places, whose memory is used again each time. */
function frames(stream: Buffer, cuts: readonly number[], bytesMax = 1000): Cut[] {
  const framer = new SyslogFramer(bytesMax);
  const places = [0, ...cuts.map((cut) => cut % (stream.length + 1)).sort((a, b) => a - b), stream.length];
  const found: Cut[] = [];
  const keep = (all: ReturnType<SyslogFramer['feed']>): void => {
    for (const { bytes, length } of all) found.push({ text: bytes.toString('latin1'), length });
  };
  for (let index = 1; index < places.length; index += 1) {
    const piece = Buffer.from(stream.subarray(places[index - 1], places[index]));
    keep(framer.feed(piece));
    piece.fill(0x21);
  }
  keep(framer.end());
  expect(framer.isMidway).toBe(false);
  return found;
}

const texts = (stream: string, bytesMax?: number): string[] =>
  frames(Buffer.from(stream), [], bytesMax).map(({ text }) => text);

test.each<[string, string, string[]]>([
  ['lines', '<1>one\n<2>two\n', ['<1>one', '<2>two']],
  ['lines that end with CR LF keep the CR, which is cut later', '<1>one\r\n', ['<1>one\r']],
  ['lines that end with NUL, as Python sends them', '<1>one\0<2>two\0', ['<1>one', '<2>two']],
  ['counted messages', '6 <1>one7 <1>two\n', ['<1>one', '<1>two\n']],
  ['counted messages with line ends within', '8 <1>a\nb\nc<1>d\n', ['<1>a\nb\nc', '<1>d']],
  ['both, mixed', '6 <1>one<2>two\n6 <3>six', ['<1>one', '<2>two', '<3>six']],
  ['a line end after a counted message', '6 <1>one\n6 <2>two\n<3>x\n', ['<1>one', '<2>two', '<3>x']],
  ['a line that begins with a number', '12 monkeys\n2026-01-01 text\n', ['12 monkeys', '2026-01-01 text']],
  ['a number too large for a count', '123456789 <1>one\n<2>two\n', ['123456789 <1>one', '<2>two']],
  ['a zero is no count', '0 <1>x\n', ['0 <1>x']],
  ['empty lines', '\n\n<1>x\n\r\n\n', ['<1>x']],
  ['half a line at the end', '<1>one\n<2>tw', ['<1>one', '<2>tw']],
  ['half a counted message at the end', '6 <1>one10 <2>tw', ['<1>one', '<2>tw']],
  ['half a count at the end', '<1>one\n12', ['<1>one', '12']],
  ['nothing', '', []],
])('%s', (_title, stream, expected) => {
  expect(texts(stream)).toEqual(expected);
});

test('of what is too long the beginning is kept, with the length of all, and the next message is whole', () => {
  const long = 'x'.repeat(50);
  expect(frames(Buffer.from(`<1>${long}\n<2>next\n`), [], 10)).toEqual([
    { text: '<1>xxxxxxx', length: 53 },
    { text: '<2>next', length: 7 },
  ]);
  expect(frames(Buffer.from(`53 <1>${long}7 <2>next`), [], 10)).toEqual([
    { text: '<1>xxxxxxx', length: 53 },
    { text: '<2>next', length: 7 },
  ]);
  // What did not come counts as well: a message that broke off was cut.
  expect(frames(Buffer.from('53 <1>x'), [])).toEqual([{ text: '<1>x', length: 53 }]);
});

const message = fc
  .array(fc.constantFrom('a', 'é', ' ', '[x y="z"]', '<13>', '7 <', '12', '\t'), { maxLength: 8 })
  .map((parts) => `<13>${parts.join('')}`);
const stream = fc
  .array(fc.tuple(message, fc.constantFrom('line', 'counted', 'counted with a line end', 'NUL')), { maxLength: 12 })
  .map((all) => {
    const bytes = all.map(([text, framing]) => {
      const body = Buffer.from(text);
      if (framing === 'line' || framing === 'NUL') return Buffer.from(`${text}${framing === 'NUL' ? '\0' : '\n'}`);
      return Buffer.concat([Buffer.from(`${body.length} `), body, Buffer.from(framing === 'counted' ? '' : '\n')]);
    });
    return { bytes: Buffer.concat(bytes), expected: all.map(([text]) => Buffer.from(text).toString('latin1')) };
  });

test('messages of either framing, mixed, come out as they went in, wherever the stream is cut', () => {
  fc.assert(
    fc.property(stream, fc.array(fc.nat(), { maxLength: 12 }), ({ bytes, expected }, cuts) => {
      expect(frames(bytes, cuts).map(({ text }) => text)).toEqual(expected);
    }),
    { seed: 4, numRuns: 3000 },
  );
});

test('any bytes give the same messages however they are cut, and none is beyond the bound', () => {
  const bytes = fc.array(fc.constantFrom(...Buffer.from('0123456789 <>\n\0\ra')), { maxLength: 80 });
  fc.assert(
    fc.property(
      bytes,
      fc.array(fc.nat(), { maxLength: 12 }),
      fc.integer({ min: 1, max: 20 }),
      (all, cuts, bytesMax) => {
        const whole = frames(Buffer.from(all), [], bytesMax);
        expect(frames(Buffer.from(all), cuts, bytesMax)).toEqual(whole);
        expect(whole.every(({ text }) => text.length <= bytesMax)).toBe(true);
      },
    ),
    { seed: 5, numRuns: 3000 },
  );
});
