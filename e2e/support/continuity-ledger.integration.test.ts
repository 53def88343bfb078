import { describe, expect, test } from 'vitest';
import { ContinuityLedger, NO_FAULTS } from './continuity-ledger.ts';
import { HttpDecoder } from './http-decoder.ts';

const at = (seq: number): string => `Ab3dE6gH.${seq}`;

function ledgerAt(seq: number): ContinuityLedger {
  const ledger = new ContinuityLedger();
  take(ledger, 'stream', seq, { state: 'live', from: at(seq), epoch: 'Ab3dE6gH' });
  return ledger;
}
function take(ledger: ContinuityLedger, event: string, seq: number, data: unknown): void {
  ledger.take({ id: at(seq), event, data: JSON.stringify(data) });
}
function log(ledger: ContinuityLedger, seq: number, prev: number): void {
  take(ledger, 'log', seq, { position: at(seq), prev: at(prev) });
}

describe('the ledger that the other tests rely on', () => {
  test('is content with a chain', () => {
    const ledger = ledgerAt(4);
    log(ledger, 5, 4);
    take(ledger, 'heartbeat', 9, { head: at(9) });
    log(ledger, 12, 5);
    expect(ledger.faults).toEqual(NO_FAULTS);
  });
  test('sees a loss', () => {
    const ledger = ledgerAt(4);
    log(ledger, 7, 6);
    expect(ledger.faults.lost).toHaveLength(1);
  });
  test('sees a repetition', () => {
    const ledger = ledgerAt(4);
    log(ledger, 5, 4);
    log(ledger, 5, 4);
    expect(ledger.faults.repeated).toHaveLength(1);
  });
  test('sees a cursor that goes back, and a resumption from elsewhere', () => {
    const ledger = ledgerAt(4);
    take(ledger, 'heartbeat', 3, { head: at(9) });
    take(ledger, 'stream', 8, { state: 'replay', from: at(8) });
    expect(ledger.faults.broken).toHaveLength(2);
  });
});

test('the decoder refuses a chunk that is longer than it says', () => {
  const decoder = new HttpDecoder({ onHead: () => undefined, onBody: () => undefined, onEnd: () => undefined });
  decoder.feed(Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'));
  expect(() => decoder.feed(Buffer.from('3\r\nabcd\r\n'))).toThrow('line end after a chunk');
});
