import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Line, LineSplitter } from './line-splitter.ts';

function split(bytes: Buffer, cuts: readonly number[], lineBytesMax = 1000): Line[] {
  const splitter = new LineSplitter(lineBytesMax);
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  const lines: Line[] = [];
  for (let index = 1; index < places.length; index += 1) {
    const piece = Buffer.from(bytes.subarray(places[index - 1], places[index]));
    lines.push(...splitter.feed(piece));
    // A buffer may be used again once it has been fed.
    piece.fill(0);
  }
  return [...lines, ...splitter.end()];
}

/** The rule without pieces: lines of the whole, by bytes. */
function naive(bytes: Buffer, lineBytesMax: number): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < bytes.length; ) {
    const end = bytes.indexOf(0x0a, start);
    const line = bytes.subarray(start, end === -1 ? bytes.length : end);
    const text = line.toString('utf8').replace(/\r$/, '');
    lines.push(line.length > lineBytesMax ? null : start === 0 ? text.replace(/^\ufeff/, '') : text);
    start += line.length + 1;
  }
  return lines;
}

const pieces = fc.array(
  fc.oneof(fc.constantFrom('\n', '\r\n', '\r', '\ufeff', '😀', 'é', '\0', '{"a":1}'), fc.string({ maxLength: 12 })),
  { maxLength: 30 },
);

test('any cutting of any bytes gives the lines of the whole, and too long ones give null', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        pieces.map((texts) => Buffer.from(texts.join(''))),
        fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      ),
      fc.array(fc.nat(), { maxLength: 12 }),
      fc.integer({ min: 1, max: 40 }),
      (bytes, cuts, lineBytesMax) => {
        expect(split(bytes, cuts, lineBytesMax)).toEqual(naive(bytes, lineBytesMax));
      },
    ),
    { seed: 1, numRuns: 3000 },
  );
});

test.each<[string, string, Line[]]>([
  ['CRLF', 'a\r\nb\r\n', ['a', 'b']],
  ['no last line end', 'a\nb', ['a', 'b']],
  ['a byte order mark', '\ufeff{"a":1}\n\ufeffb', ['{"a":1}', '\ufeffb']],
  ['empty lines', '\n\na\n\n', ['', '', 'a', '']],
  ['nothing', '', []],
])('%s', (_title, text, lines) => {
  expect(split(Buffer.from(text), [])).toEqual(lines);
});

test('a line is measured in bytes, also inside one piece', () => {
  expect(split(Buffer.from(`a\n${'é'.repeat(10)}\nb\n`), [], 19)).toEqual(['a', null, 'b']);
});
