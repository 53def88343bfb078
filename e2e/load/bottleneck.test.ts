import { describe, expect, test } from 'vitest';
import { suspect } from './bottleneck.ts';
import { makeFigures } from './testing/make-figures.ts';

const CORES = 4;
const { server, client } = makeFigures();
const named = (changes: Parameters<typeof makeFigures>[0]): string => suspect(makeFigures(changes), CORES).name;

describe('the bottleneck', () => {
  test.each([
    ['machine', { machineBusy: 0.95 }],
    ['load client', { client: { ...client, cpuShareMax: 0.97 } }],
    ['load client', { client: { ...client, loopMs: 180 } }],
    ['database', { server: { ...server, historyP99Ms: 700 } }],
    ['database', { server: { ...server, slowCalls: 12 } }],
    ['database', { server: { ...server, breakersOpened: 1 } }],
    ['garbage collection', { server: { ...server, gcShare: 0.15 } }],
    ['server CPU', { server: { ...server, cpuShare: 0.95 } }],
    ['event loop', { server: { ...server, loopDelayP99Ms: 260 } }],
    ['event loop', { server: { ...server, loopBusy: 0.92 } }],
    ['socket back-pressure', { server: { ...server, lagging: 40 } }],
    ['socket back-pressure', { server: { ...server, queuedBytes: 40e6 } }],
  ] as const)('is %s when it alone is beyond its threshold: %j', (name, changes) => {
    expect(named(changes)).toBe(name);
  });

  test('is the cause rather than its symptoms', () => {
    const strained = { ...server, gcShare: 0.2, cpuShare: 0.99, loopDelayP99Ms: 900, lagging: 400 };
    expect(named({ server: strained })).toBe('garbage collection');
    expect(named({ server: { ...strained, gcShare: 0.02 } })).toBe('server CPU');
    expect(named({ server: strained, machineBusy: 0.99 })).toBe('machine');
  });

  test('is not the database when its answers only waited for the event loop', () => {
    expect(named({ server: { ...server, historyP99Ms: 700, loopDelayP99Ms: 650 } })).toBe('event loop');
  });

  test('readers that are slow on purpose are not back-pressure', () => {
    expect(named({ slow: 40, server: { ...server, lagging: 40 } })).toBe('none');
  });

  test('is none, with the highest named, when all are below', () => {
    const { name, sentence } = suspect(makeFigures({ server: { ...server, cpuShare: 0.8 } }), CORES);
    expect(name).toBe('none');
    expect(sentence).toBe(
      'No bottleneck found: all are below their thresholds; the highest is server CPU at 89 % of its own (the server uses 80 % of a core).',
    );
  });

  test('names its evidence', () => {
    const { sentence, evidence } = suspect(makeFigures({ server: { ...server, slowCalls: 12 } }), CORES);
    expect(sentence).toBe(
      'Suspected bottleneck: database. Calls of the history take 3 ms (p99); 12 of them were slow.',
    );
    expect(evidence.map(({ bottleneck }) => bottleneck)).toEqual([
      'machine',
      'load client',
      'database',
      'garbage collection',
      'server CPU',
      'event loop',
      'socket back-pressure',
    ]);
  });

  test('what the server does not tell is left out', () => {
    const { name, evidence } = suspect(makeFigures({ server: {} }), CORES);
    expect(name).toBe('none');
    expect(evidence.map(({ bottleneck }) => bottleneck)).toEqual(['machine', 'load client']);
  });
});
