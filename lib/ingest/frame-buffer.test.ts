import { expect, test } from 'vitest';
import { FrameBuffer } from './frame-buffer.ts';

test('a frame that comes byte by byte is the frame, and the next one does not share its memory', () => {
  const buffer = new FrameBuffer(100_000);
  for (let at = 0; at < 50_000; at += 1) buffer.add(Buffer.from([at % 251]));
  const first = buffer.take(Buffer.from('end'));
  buffer.add(Buffer.from('next'));
  const second = buffer.take(Buffer.alloc(0));
  expect(first.length).toBe(50_003);
  expect(first.bytes.subarray(-3).toString()).toBe('end');
  expect(first.bytes.subarray(0, 50_000).every((byte, at) => byte === at % 251)).toBe(true);
  expect([second.bytes.toString(), second.length]).toEqual(['next', 4]);
});

test('beyond the bound only the length grows', () => {
  const buffer = new FrameBuffer(10);
  for (let turn = 0; turn < 1000; turn += 1) buffer.add(Buffer.from('abc'));
  expect(buffer.take(Buffer.from('d'))).toEqual({ bytes: Buffer.from('abcabcabca'), length: 3001 });
  expect(buffer.take(Buffer.from('a long last piece'))).toEqual({ bytes: Buffer.from('a long las'), length: 17 });
});
