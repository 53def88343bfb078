import { expect, test } from 'vitest';
import { Admission, type AdmissionLimits } from './admission.ts';
import type { Peer } from './peer.ts';
import { PEER } from './testing/make-hub.ts';

const LIMITS: AdmissionLimits = {
  connectionsMax: 5,
  perAddressMax: 3,
  perTokenMax: 2,
  perSecondMax: 1000,
  retryMs: 100,
};
const from = (address: string, user?: string): Peer => ({ ...PEER, address, user });

test.each([
  ['in all', 5, (index: number) => from(`10.0.0.${index}`)],
  ['for an address', 3, () => from('10.0.0.1')],
  ['for a token', 2, (index: number) => from(`10.0.0.${index}`, 'abcd')],
])('%s the limit itself is let in, one more is not, and a place given back is free again', (_title, limit, peer) => {
  const admission = new Admission(LIMITS, 0);
  for (let index = 0; index < limit; index += 1) expect(admission.enter(peer(index), 0)).toBeUndefined();
  expect(admission.enter(peer(limit), 0)).toMatchObject({ code: 'too-many-connections' });
  expect(admission.refused).toBe(1);
  admission.leave(peer(0));
  expect(admission.enter(peer(limit), 0)).toBeUndefined();
});

test('one address at its limit does not keep others out', () => {
  const admission = new Admission(LIMITS, 0);
  for (let index = 0; index < 4; index += 1) admission.enter(from('10.0.0.1'), 0);
  expect(admission.enter(from('10.0.0.2'), 0)).toBeUndefined();
});

test('over five seconds of a crowd that never stops asking, so many get in as the rate says', () => {
  const admission = new Admission({ ...LIMITS, connectionsMax: 1e6, perAddressMax: 1e6, perSecondMax: 50 }, 0);
  let entered = 0;
  for (let nowMs = 0; nowMs < 5000; nowMs += 2) if (!admission.enter(PEER, nowMs)) entered += 1;
  expect(entered).toBeGreaterThanOrEqual(50 + 5 * 50 - 2);
  expect(entered).toBeLessThanOrEqual(50 + 5 * 50);
});

test('polls that go on leave the rate to those who come anew', () => {
  const limits = { ...LIMITS, connectionsMax: 1e6, perAddressMax: 1e6, perSecondMax: 50 };
  const admission = new Admission(limits, 0);
  const poller: Peer = { ...PEER, transport: 'poll', isReturning: true };
  for (let index = 0; index < 400; index += 1) {
    expect(admission.enter(poller, 0)).toBeUndefined();
    admission.leave(poller);
  }
  // Four hundred of them have cost what twenty new streams cost.
  let entered = 0;
  while (!admission.enter(PEER, 0)) entered += 1;
  expect(entered).toBe(30);
  expect(admission.enter({ ...poller, isReturning: false }, 0)).toMatchObject({ code: 'too-many-connections' });
});

test('a refused crowd that comes back when it was told to fits the rate: nobody is refused more than twice', () => {
  const limits = { ...LIMITS, connectionsMax: 1e6, perAddressMax: 1e6, perSecondMax: 200 };
  const admission = new Admission(limits, 0);
  // All at once; then each at the time it was told, for as long as it takes.
  const arrivals = Array.from({ length: 2000 }, () => ({ atMs: 0, refused: 0 }));
  const refusals: number[] = [];
  while (arrivals.length > 0) {
    arrivals.sort((a, b) => a.atMs - b.atMs);
    const next = arrivals.shift() as (typeof arrivals)[number];
    const refusal = admission.enter(PEER, next.atMs);
    if (refusal) arrivals.push({ atMs: next.atMs + refusal.retryMs, refused: next.refused + 1 });
    else refusals.push(next.refused);
  }
  expect(Math.max(...refusals)).toBeLessThanOrEqual(2);
});

test('one that asks again and again without waiting cannot push the slots of others beyond a minute', () => {
  const admission = new Admission({ ...LIMITS, perAddressMax: 1, perSecondMax: 100 }, 0);
  admission.enter(from('10.0.0.1'), 0);
  for (let ask = 0; ask < 50_000; ask += 1) admission.enter(from('10.0.0.1'), 0);
  admission.isShedding = true;
  expect(admission.enter(from('10.0.0.2'), 0)?.retryMs).toBeLessThanOrEqual(60_150);
});

test('a slow rate does not keep a crowd away for longer than a minute either', () => {
  const admission = new Admission({ ...LIMITS, connectionsMax: 1e6, perAddressMax: 1e6, perSecondMax: 1 }, 0);
  for (let index = 0; index < 1000; index += 1) admission.enter(PEER, index * 1000);
  const delays = Array.from({ length: 300 }, () => admission.retryMs());
  expect(Math.max(...delays)).toBeLessThanOrEqual(60_050);
});

test('while it drains or is short of memory nobody gets in', () => {
  const admission = new Admission(LIMITS, 0);
  admission.isShedding = true;
  expect(admission.enter(PEER, 0)).toMatchObject({ code: 'memory-pressure' });
  admission.isDraining = true;
  expect(admission.enter(PEER, 0)).toMatchObject({ code: 'shutting-down' });
});

test('the more have to come back, the wider they are spread', () => {
  const admission = new Admission({ ...LIMITS, connectionsMax: 1e6, perAddressMax: 1e6, perSecondMax: 1000 }, 0);
  const spread = (): number => Math.max(...Array.from({ length: 300 }, () => admission.retryMs()));
  expect(spread()).toBeLessThanOrEqual(150);
  for (let index = 0; index < 1000; index += 1) admission.enter(PEER, index * 10);
  expect(spread()).toBeGreaterThan(700);
  expect(spread()).toBeLessThanOrEqual(1050);
});
