import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MqttWills } from './mqtt-wills.ts';

const NEVER_S = 0xffff_ffff;
const will = (delayS: number) => ({ topic: 'tailrace/ingest/door', payload: Buffer.from('gone'), delayS });
const asked = { protocol: 'mqtt', peerAddress: '127.0.0.1', header: () => null };
let published: string[];
let wills: MqttWills;

beforeEach(() => {
  vi.useFakeTimers();
  published = [];
  wills = new MqttWills((_will, clientId) => published.push(clientId));
});
afterEach(() => {
  wills.close();
  vi.useRealTimers();
});

test('a will without a delay is published at once', () => {
  wills.leave(will(0), 'a', asked, NEVER_S);
  expect(published).toEqual(['a']);
});

test('a will with a delay waits for it, and is published once', () => {
  wills.leave(will(10), 'a', asked, NEVER_S);
  vi.advanceTimersByTime(9_999);
  expect(published).toEqual([]);
  vi.advanceTimersByTime(100_000);
  expect(published).toEqual(['a']);
});

test('whoever is back in time with its session leaves no will', () => {
  wills.leave(will(10), 'a', asked, NEVER_S);
  wills.comeBack('a', true);
  vi.advanceTimersByTime(100_000);
  expect(published).toEqual([]);
});

test('whoever comes back without its session has ended it, and the will is due', () => {
  wills.leave(will(10), 'a', asked, NEVER_S);
  wills.comeBack('a', false);
  expect(published).toEqual(['a']);
  vi.advanceTimersByTime(100_000);
  expect(published).toEqual(['a']);
});

test('the end of the session is the latest moment', () => {
  wills.leave(will(60), 'a', asked, 5);
  vi.advanceTimersByTime(5_000);
  expect(published).toEqual(['a']);
  wills.leave(will(60), 'b', asked, 0);
  expect(published).toEqual(['a', 'b']);
});

test('beyond a bound wills are published without their delay', () => {
  for (let index = 0; index < 1_001; index += 1) wills.leave(will(10), `c${index}`, asked, NEVER_S);
  expect(published).toEqual(['c1000']);
});

test('a server that goes publishes nothing: its clients are not gone', () => {
  wills.leave(will(10), 'a', asked, NEVER_S);
  wills.close();
  vi.advanceTimersByTime(100_000);
  expect(published).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});
