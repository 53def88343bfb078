import pino from 'pino';
import { expect, test } from 'vitest';
import { DoorLog } from './door-log.ts';

test('a reason is told once a while, with how often it was and for whom last', () => {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ level: 'warn' }, { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) });
  const doors = new DoorLog(log, 'syslog');
  for (let count = 0; count < 1000; count += 1) doors.note('refused', 1, `10.0.0.${count % 3}`);
  doors.note('lost', 5);
  doors.flush();
  doors.flush();
  expect(lines.map(({ protocol, count, address, msg }) => ({ protocol, count, address, msg }))).toEqual([
    { protocol: 'syslog', count: 1000, address: '10.0.0.0', msg: 'refused' },
    { protocol: 'syslog', count: 5, address: undefined, msg: 'lost' },
  ]);
});
