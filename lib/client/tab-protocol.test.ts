import { describe, expect, test } from 'vitest';
import { emptyReport, type StreamBatch } from './stream-batch.ts';
import { parseTabMessage, type TabMessage } from './tab-protocol.ts';

const gap = { from: 'EpochAA1.1', to: 'EpochAA1.4', missed: 3, reason: 'retention' as const, atMs: 5 };
const batch: StreamBatch = {
  filter: { kind: 'log', services: ['web'] },
  fromCursor: 'EpochAA1.1',
  toCursor: 'EpochAA1.9',
  replay: true,
  notices: [
    { kind: 'gap', gap },
    { kind: 'caught-up', atMs: 9, downMs: 4, lost: 0 },
    { kind: 'caught-up', atMs: 9, lost: 0 },
  ],
  events: [],
};

describe('a message between tabs', () => {
  test('arrives as it was sent', () => {
    const tried = [
      { transport: 'sse', atMs: 1, endedAtMs: 2, times: 3, outcome: 'failed', why: 'it broke' } as const,
      { transport: 'ws', atMs: 2, times: 1, outcome: 'open', why: 'SSE broke' } as const,
    ];
    const messages: TabMessage[] = [
      { type: 'register', tabId: 'tab1', need: { filter: { q: 'x' }, cursor: 'EpochAA1.3' } },
      { type: 'register', tabId: 'tab1', need: null },
      { type: 'leave', tabId: 'tab1' },
      { type: 'who' },
      { type: 'reconnect' },
      { type: 'batch', batch },
      { type: 'report', report: { ...emptyReport(7), head: 'EpochAA1.9' }, tabs: 3 },
      { type: 'wish', wish: 'ws', why: 'it was chosen by hand', remember: true },
      { type: 'report', report: { ...emptyReport(7), transport: 'ws', wish: 'automatic', tried }, tabs: 1 },
    ];
    for (const message of messages) expect(parseTabMessage(structuredClone(message))).toEqual(message);
  });

  test('is ignored when it is none', () => {
    const others = [
      undefined,
      'who',
      { type: 'hello' },
      { type: 'leave' },
      { type: 'batch', batch: { ...batch, events: 7 } },
    ];
    for (const other of others) expect(parseTabMessage(other)).toBeUndefined();
  });
});
