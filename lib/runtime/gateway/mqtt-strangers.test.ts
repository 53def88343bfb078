import { expect, test } from 'vitest';
import { createLogger } from '../logger.ts';
import { MqttStrangers } from './mqtt-strangers.ts';

const state = { nowMs: 0 };
const strangers = () => new MqttStrangers(createLogger('silent', { write: () => undefined }), () => state.nowMs);
const many = (from: MqttStrangers, address: string, count: number) =>
  Array.from({ length: count }, () => from.enter(address)).filter((leave) => leave !== undefined);

test('nobody alone keeps the others out', () => {
  const all = strangers();
  expect(many(all, '10.0.0.1', 700)).toHaveLength(500);
  expect(many(all, '10.0.0.2', 700)).toHaveLength(500);
  expect(many(all, '10.0.0.3', 1)).toEqual([]);
});

test('a place is free again once, however often it is given back', () => {
  const all = strangers();
  const [first, ...others] = many(all, '10.0.0.1', 500);
  first?.();
  first?.();
  expect(many(all, '10.0.0.1', 2)).toHaveLength(1);
  for (const leave of others) leave();
  expect(many(all, '10.0.0.1', 600)).toHaveLength(499);
});

test('the log is told how many were refused, now and then', () => {
  const lines: Record<string, unknown>[] = [];
  const write = process.stdout.write;
  process.stdout.write = () => true;
  try {
    const log = createLogger('warn', { write: (line) => void lines.push(JSON.parse(line)) });
    const all = new MqttStrangers(log, () => state.nowMs);
    many(all, '10.0.0.1', 510);
    state.nowMs += 6000;
    many(all, '10.0.0.1', 1);
  } finally {
    process.stdout.write = write;
  }
  expect(lines).toMatchObject([{ count: 1, address: '10.0.0.1' }, { count: 10 }]);
});
