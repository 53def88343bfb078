import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BATCH_BYTES_MAX, type BatchRules, composeBatch } from './batch.ts';

const origin = { service: 'api', serviceElse: 'file', attributes: {}, trustsWrapping: false, namesStream: true };
const rules = (more: Partial<BatchRules> = {}): BatchRules => ({
  format: 'plain',
  origin,
  nowMs: 0,
  closesGroups: false,
  takesRest: false,
  ...more,
});
const FINAL = { closesGroups: true, takesRest: true };
const messages = (events: readonly string[] = []): string[] => events.map((event) => JSON.parse(event).message);
const compose = (text: string | Buffer, more: Partial<BatchRules> = {}, from = 0) =>
  composeBatch(Buffer.from(text), from, rules(more));

test('what may still go on is left for the next batch: an open group, and a line without its end', () => {
  expect(compose('one\ntwo\nthree')).toMatchObject({ from: 0, to: 4, lines: 1 });
  expect(messages(compose('one\ntwo\nthree', { closesGroups: true })?.events)).toEqual(['one', 'two']);
  expect(messages(compose('one\ntwo\nthree', FINAL)?.events)).toEqual(['one', 'two', 'three']);
  expect(compose('one\n')).toBeUndefined();
  expect(compose('')).toBeUndefined();
});

test('blank lines are no events, and carriage returns belong to the line end', () => {
  expect(messages(compose('one\r\n\r\n  \r\ntwo\r\n', FINAL)?.events)).toEqual(['one', 'two']);
});

test('a batch has at most four thousand lines, and so many bytes', () => {
  const many = compose('x\n'.repeat(5_000));
  expect(many?.lines).toBe(3_999);
  const large = compose(`${'x'.repeat(10_000)}\n`.repeat(100));
  expect(large?.to).toBeLessThanOrEqual(BATCH_BYTES_MAX + 10_001);
});

test('a line longer than an event comes in pieces that say so, cut between characters', () => {
  const text = 'aé€😀'.repeat(60_000);
  let rest = Buffer.from(`${text}\nnext\n`);
  const events: { message: string; attributes?: { lineContinues?: boolean } }[] = [];
  while (rest.length > 0) {
    const batch = compose(rest, FINAL);
    events.push(...(batch?.events ?? []).map((event) => JSON.parse(event)));
    rest = rest.subarray(batch?.to);
  }
  const pieces = events.slice(0, -1);
  expect(pieces.map(({ message }) => message).join('')).toBe(text);
  expect(pieces.map(({ attributes }) => attributes?.lineContinues === true)).toEqual([
    ...Array(pieces.length - 1).fill(true),
    false,
  ]);
  expect(events.at(-1)?.message).toBe('next');
});

test('interleaved streams are cut where no group is open', () => {
  const cri = (stream: string, tag: string, text: string) => `2026-06-01T10:00:00Z ${stream} ${tag} ${text}\n`;
  const text = cri('stdout', 'F', 'a') + cri('stderr', 'P', 'b') + cri('stdout', 'F', 'c') + cri('stdout', 'F', 'd');
  const first = compose(text, { format: 'cri' });
  expect(messages(first?.events)).toEqual(['a']);
  const rest = text.slice(first?.to) + cri('stderr', 'F', 'bb');
  expect(messages(compose(rest, { format: 'cri', ...FINAL })?.events).sort()).toEqual(['bbb', 'c', 'd']);
});

const someLine = fc.oneof(
  fc.string({ maxLength: 20 }),
  fc.constantFrom('', '  indented', '\tat x', '2026-06-01T10:00:00Z INFO hello', '{"msg":"x"}', 'Error: boom'),
  fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);

test('however a text is cut into reads, each range read again gives the same batch, and nothing is lost', () => {
  fc.assert(
    fc.property(fc.array(someLine, { maxLength: 30 }), fc.array(fc.nat(200), { maxLength: 20 }), (lines, grows) => {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''), 'latin1');
      const ranges: { from: number; to: number; digest: string; events: readonly string[] }[] = [];
      let [offset, seen] = [0, 0];
      for (const grow of [...grows, bytes.length]) {
        seen = Math.min(bytes.length, seen + grow);
        const isEnd = seen === bytes.length;
        for (;;) {
          const batch = composeBatch(bytes.subarray(offset, seen), offset, rules(isEnd ? FINAL : {}));
          if (!batch) break;
          ranges.push(batch);
          offset = batch.to;
        }
      }
      expect(offset).toBe(bytes.length);
      for (const { from, to, digest, events } of ranges) {
        expect(composeBatch(bytes.subarray(from, to), from, rules(FINAL))).toMatchObject({ from, to, digest, events });
      }
    }),
    { numRuns: 300, seed: 7 },
  );
});
