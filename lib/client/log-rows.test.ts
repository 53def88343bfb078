import { expect, test } from 'vitest';
import type { PlacedEvent } from '@/lib/core/event.ts';
import { eventRow, ROW_LIMITS, RowBuffer } from './log-rows.ts';

const row = (seq: number, durable?: false) => {
  const event = { kind: 'log', level: 'info', service: 's', message: `m${seq}`, time: '', position: `AAAAAAAA.${seq}` };
  return eventRow({ ...event, ...(durable === false && { durable }) } as PlacedEvent, 0);
};
const marked = (buffer: RowBuffer): number[] =>
  buffer.rows.flatMap((each) => (each.kind === 'event' && each.event.durable === false ? [each.seq] : []));

test('a line that came before it was stored loses its mark when a stored one follows', () => {
  const buffer = new RowBuffer(ROW_LIMITS);
  buffer.append([row(1), row(2, false)]);
  const first = buffer.rows[0];
  buffer.append([row(3, false)]);
  expect(marked(buffer)).toEqual([2, 3]);
  buffer.append([row(4)]);
  expect(marked(buffer)).toEqual([]);
  // What did not change is the same row, which need not be drawn again.
  expect(buffer.rows[0]).toBe(first);
  buffer.append([row(5, false)]);
  expect(marked(buffer)).toEqual([5]);
});
