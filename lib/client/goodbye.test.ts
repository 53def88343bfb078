import { expect, test } from 'vitest';
import { CLOSE_REASONS } from '@/lib/core/close-reason.ts';
import { busyEnd, byeEnd, isRoutine } from './goodbye.ts';

const bye = { code: 2004, reason: 'idle', reconnect: true, retryMs: 120 };

test('a goodbye is said in the words of the table, with the wait that the server asked for', () => {
  expect(byeEnd(bye)).toEqual({ again: true, cause: CLOSE_REASONS.idle.says, retryMs: 120 });
  const kicked = { code: 3000, reason: 'kicked', reconnect: false, retryMs: 0 };
  expect(byeEnd(kicked)).toEqual({ again: false, cause: 'an operator closed the connection for good' });
});

test('a reason of a newer server is told as it is, even one named like a part of every object', () => {
  expect(byeEnd({ ...bye, reason: 'moon-phase' })).toMatchObject({ cause: 'the server closed: moon-phase' });
  expect(byeEnd({ ...bye, reason: 'constructor' })).toMatchObject({ cause: 'the server closed: constructor' });
});

test('only the ends of a healthy stream are routine', () => {
  const routine = Object.keys(CLOSE_REASONS).filter((reason) => {
    const { cause } = byeEnd({ ...bye, reason });
    return isRoutine(cause);
  });
  expect(routine).toEqual(['idle', 'age']);
  expect(isRoutine(busyEnd({ reason: 'full', retryMs: 1 }).cause)).toBe(false);
});
