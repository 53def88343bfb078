import { describe, expect, test } from 'vitest';
import { byeEnd } from '@/lib/client/goodbye.ts';
import { PHASES } from '@/lib/client/state.ts';
import { connectionSentence, eventsBehind } from './connection-sentence.ts';

const NOW_MS = 1_800_000_000_000;
const quiet = {
  phase: 'live',
  sinceMs: NOW_MS - 1000,
  retryAtMs: undefined,
  attempt: 0,
  lost: 0,
  repeated: 0,
  head: 'AAAAAAAA.4120',
  cursor: 'AAAAAAAA.1000',
  cause: 'the server closed the stream',
} as const;

describe('connectionSentence', () => {
  test('a running stream that goes over to another transport is calm, and says to which', () => {
    const going = { ...quiet, phase: 'connecting', switching: true, transport: 'ws' } as const;
    expect(connectionSentence(going, NOW_MS)).toEqual({
      tone: 'neutral',
      state: 'over to WebSocket',
      detail: '0 lost · 0 repeated',
      canRetry: false,
      busy: false,
    });
    expect(connectionSentence({ ...going, switching: false }, NOW_MS).state).toBe('connecting');
  });

  test('a live stream shows its proof, and is calm only while nothing was lost or repeated', () => {
    expect(connectionSentence(quiet, NOW_MS)).toMatchObject({
      tone: 'good',
      state: 'live',
      detail: '0 lost · 0 repeated',
    });
    expect(connectionSentence({ ...quiet, lost: 1312 }, NOW_MS)).toMatchObject({
      tone: 'warn',
      detail: '1,312 lost · 0 repeated',
    });
  });

  test('catching up says how much is left', () => {
    expect(connectionSentence({ ...quiet, phase: 'replaying' }, NOW_MS)).toMatchObject({
      state: 'catching up',
      detail: '3,120',
    });
  });

  test('an end that belongs to a healthy stream is no alarm, any other end is one', () => {
    const waiting = { ...quiet, phase: 'waiting', retryAtMs: NOW_MS + 3100 } as const;
    const bye = { code: 2005, reason: 'age', reconnect: true, retryMs: 3100 };
    const aged = { ...waiting, cause: byeEnd(bye).cause };
    expect(connectionSentence(aged, NOW_MS)).toMatchObject({ tone: 'neutral', state: 'renewing', canRetry: false });
    const drained = { ...waiting, cause: byeEnd({ ...bye, reason: 'draining' }).cause };
    expect(connectionSentence(drained, NOW_MS)).toMatchObject({ tone: 'bad', canRetry: true });
  });

  test('the countdown rounds up and never goes below zero', () => {
    const waiting = { ...quiet, phase: 'waiting', retryAtMs: NOW_MS + 3100 } as const;
    expect(connectionSentence(waiting, NOW_MS).state).toBe('reconnecting in 4 s');
    expect(connectionSentence(waiting, NOW_MS + 9000).state).toBe('reconnecting');
  });

  test('every phase has words, and every broken one can be retried', () => {
    for (const phase of PHASES) expect(connectionSentence({ ...quiet, phase }, NOW_MS).state).not.toBe('');
    for (const phase of ['stale', 'waiting', 'offline', 'closed'] as const) {
      expect(connectionSentence({ ...quiet, phase }, NOW_MS).canRetry).toBe(true);
    }
  });
});

describe('eventsBehind', () => {
  test('is unknown before the first frame and across epochs', () => {
    expect(eventsBehind({ head: undefined, cursor: undefined })).toBeUndefined();
    expect(eventsBehind({ head: 'AAAAAAAA.5', cursor: 'BBBBBBBB.1' })).toBeUndefined();
  });

  test('is never negative', () => {
    expect(eventsBehind({ head: 'AAAAAAAA.5', cursor: 'AAAAAAAA.9' })).toBe(0);
  });
});
