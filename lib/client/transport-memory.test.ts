import { expect, test } from 'vitest';
import type { StoragePort } from './connection-history.ts';
import { REST } from './transport-choice.ts';
import { loadTransport, saveTransport } from './transport-memory.ts';

function storage(text: string | null = null): StoragePort {
  let kept = text;
  return {
    getItem: () => kept,
    setItem: (_, value) => {
      kept = value;
    },
  };
}

const NOTHING = { wish: 'automatic', rests: {} };

test('the next page knows what was chosen and what failed', () => {
  const port = storage();
  const memory = { wish: 'http' as const, rests: { sse: { untilMs: 9, times: 2 } } };
  saveTransport(port, memory);
  expect(loadTransport(port, 0)).toEqual(memory);
});

test('what nobody or another hand wrote is nothing', () => {
  const others = [null, '', '{', '7', '{"version":2}', '{"version":1,"wish":"pigeon","rests":{}}'];
  for (const text of others) expect(loadTransport(storage(text), 0)).toEqual(NOTHING);
});

test('a rest that no clock of this page could have written is not believed', () => {
  const port = storage();
  saveTransport(port, { wish: 'automatic', rests: { sse: { untilMs: REST.maxMs + 1, times: 1 } } });
  expect(loadTransport(port, 0)).toEqual(NOTHING);
});

test('storage that is full or forbidden is done without', () => {
  const broken: StoragePort = {
    getItem: () => {
      throw new Error('forbidden');
    },
    setItem: () => {
      throw new Error('full');
    },
  };
  saveTransport(broken, { wish: 'ws', rests: {} });
  expect(loadTransport(broken, 0)).toEqual(NOTHING);
});
