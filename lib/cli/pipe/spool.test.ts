import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unwrapLine } from '../agent/line-format.ts';
import { spoolRecords } from './spool-records.ts';
import { SpoolSegments } from './spool-segments.ts';
import { SpoolWriter } from './spool-writer.ts';

const MIB = 1024 * 1024;
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'tailrace-spool-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

async function contentOf(spool: SpoolSegments): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let at = spool.begin; at < spool.end; ) {
    const into = Buffer.alloc(10_000);
    const read = await spool.read(into, at);
    if (read === 0) throw new Error(`nothing stands at ${at}`);
    pieces.push(into.subarray(0, read));
    at += read;
  }
  return Buffer.concat(pieces);
}

test('records keep every byte, the time and the stream, and say what is not ended yet', () => {
  const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
  const records = spoolRecords(Buffer.concat([bytes, Buffer.from('\nx\n\nrest')]), 'stderr', 0).toString('latin1');
  const head = '1970-01-01T00:00:00.000Z stderr';
  const [first, second] = bytes.toString('latin1').split('\n');
  expect(records).toBe(`${head} F ${first}\n${head} F ${second}\n${head} F x\n${head} F \n${head} P rest\n`);
  expect(unwrapLine(`${head} P rest`, 'cri')).toEqual({ text: 'rest', timeMs: 0, stream: 'stderr', isPartial: true });
});

test('what was appended is read at its place, also by the next who opens it; what was sent is removed', async () => {
  const lines = Array.from({ length: 2_000 }, (_, index) => Buffer.from(`line ${index} ${'x'.repeat(100)}\n`));
  const first = await SpoolSegments.open(directory, MIB, 0);
  for (const line of lines) await first.append(line);
  const all = Buffer.concat(lines);
  expect((await contentOf(first)).equals(all)).toBe(true);
  await first.close(0);
  const sentTo = 150_000;
  const second = await SpoolSegments.open(directory, MIB, sentTo);
  expect(second.begin).toBeGreaterThan(0);
  expect(second.begin).toBeLessThanOrEqual(sentTo);
  await second.append(Buffer.from('more\n'));
  const rest = Buffer.concat([all, Buffer.from('more\n')]).subarray(second.begin);
  expect((await contentOf(second)).equals(rest)).toBe(true);
  await second.close(second.end);
  expect(readdirSync(directory)).toEqual([]);
});

test('beyond its bound the oldest goes, in whole lines, and is counted', async () => {
  const spool = await SpoolSegments.open(directory, MIB, 0);
  const line = Buffer.from(`${'x'.repeat(999)}\n`);
  for (let index = 0; index < 3_000; index += 1) await spool.append(line);
  expect(spool.end).toBe(3_000_000);
  expect(spool.end - spool.begin).toBeLessThanOrEqual(MIB);
  expect(spool.linesGone).toBe(spool.begin / 1_000);
  expect(await spool.read(Buffer.alloc(10), 0)).toBe(0);
  await spool.close(0);
});

test('a disk that does not follow holds nobody up for long: lines are lost, counted and told', async () => {
  const said: string[] = [];
  let release = (): void => undefined;
  const stuck = new Promise<void>((resolve) => {
    release = resolve;
  });
  const written: Buffer[] = [];
  const spool = {
    append: async (records: Buffer) => {
      await stuck;
      written.push(records);
    },
    dropOldest: async () => false,
  };
  const tell = (sentence: string): void => void said.push(sentence);
  const writer = new SpoolWriter({ spool, tell, onWritten: () => undefined, queueBytesMax: 10, stallMsMax: 20 });
  for (let index = 0; index < 10; index += 1) await writer.push(Buffer.from(`a ${index}\n`));
  release();
  await writer.settle();
  expect(written.map(String)).toEqual(['a 0\n', 'a 1\n']);
  expect(writer.linesLost).toBe(8);
  expect(said[0]).toBe('1 lines could not be spooled so far: its disk is too slow');
});

test('a full disk gets room from the oldest, and without any the line is lost, not the pipe', async () => {
  let [drops, appended] = [0, 0];
  const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
  const spool = {
    append: async () => {
      if (appended++ < 3) throw full;
    },
    dropOldest: async () => ++drops < 2,
  };
  const writer = new SpoolWriter({ spool, tell: () => undefined, onWritten: () => undefined });
  await writer.push(Buffer.from('a\n'));
  await writer.settle();
  expect([drops, writer.linesLost]).toEqual([2, 1]);
  await writer.push(Buffer.from('b\n'));
  await writer.settle();
  expect(writer.linesLost).toBe(2);
});
