import { expect, test } from 'vitest';
import { ByteGate } from './byte-gate.ts';

test('bodies are let in up to the last byte, and no further until one has gone', () => {
  const gate = new ByteGate(100);
  gate.take(60);
  gate.take(40);
  expect(gate.held).toBe(100);
  expect(() => gate.take(1)).toThrow(expect.objectContaining({ code: 'storage-overloaded', retryAfterS: 1 }));
  gate.release(40);
  gate.take(1);
  expect(gate.held).toBe(61);
});

test('what was refused is not held', () => {
  const gate = new ByteGate(100);
  expect(() => gate.take(101)).toThrow(/as many bodies as it takes \(100 bytes\)/);
  expect(gate.held).toBe(0);
});
