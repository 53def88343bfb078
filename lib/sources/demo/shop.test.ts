import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SourceEvent } from '@/lib/core/source.ts';
import { metricsNamed, prepareAll } from '../collect-events.ts';
import { SERVICES } from './catalogue.ts';
import { INCIDENTS, type IncidentName, incidentAt } from './incidents.ts';
import { createShop } from './shop.ts';

const START_MS = Date.UTC(2026, 0, 1, 12);
const HOUR_MS = 3_600_000;

function incidentNamed(seed: number, name: IncidentName) {
  for (let timeMs = START_MS; timeMs < START_MS + 48 * HOUR_MS; timeMs += 10_000) {
    const incident = incidentAt(seed, timeMs);
    if (incident?.name === name) return incident;
  }
  throw new Error(`no ${name} within two days`);
}

function messages(events: readonly SourceEvent[]): string {
  return events.map((event) => (event.kind === 'log' ? event.message : '')).join('\n');
}

describe('The synthetic shop', () => {
  it('gives the same events for the same seed and times, however the span is cut into ticks', () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 5000 }), { maxLength: 12 });
    const property = fc.property(fc.integer(), fc.integer({ min: 0, max: 999 }), cuts, (seed, offsetMs, spansMs) => {
      const fromMs = START_MS + offsetMs;
      const whole = createShop(seed).tick(fromMs, fromMs + spansMs.reduce((sum, span) => sum + span, 0));
      const shop = createShop(seed);
      let nowMs = fromMs;
      const pieces = spansMs.flatMap((span) => {
        nowMs += span;
        return shop.tick(nowMs - span, nowMs);
      });
      expect(pieces).toEqual(whole);
    });
    fc.assert(property, { seed: 7, numRuns: 60 });
  });

  it('gives other events for another seed', () => {
    const first = createShop(1).tick(START_MS, START_MS + 2000);
    expect(createShop(2).tick(START_MS, START_MS + 2000)).not.toEqual(first);
  });

  it('marks every event as demo data, names every service, and passes the edge', () => {
    const events = createShop(3).tick(START_MS, START_MS + 60_000);
    expect(events.every(({ attributes }) => attributes?.['demo'] === true)).toBe(true);
    expect(new Set(events.map(({ service }) => service))).toEqual(new Set(SERVICES));
    expect(prepareAll(events, START_MS + 60_000).filter(({ body }) => body.includes('"flags"'))).toEqual([]);
  });

  it('keeps events in order of time and inside the ticks', () => {
    const times = createShop(4)
      .tick(START_MS + 50, START_MS + 10_050)
      .map(({ time }) => Number(time));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(times[0]).toBeGreaterThanOrEqual(START_MS);
    expect(times.at(-1)).toBeLessThanOrEqual(START_MS + 10_050);
  });

  it('writes about as many lines a second as asked, over a day', () => {
    for (const ratePerSecond of [5, 40]) {
      const shop = createShop(5, { ratePerSecond });
      let lines = 0;
      // Every tenth minute stands for the ten around it.
      for (let timeMs = START_MS; timeMs < START_MS + 24 * HOUR_MS; timeMs += 600_000) {
        lines += shop.tick(timeMs, timeMs + 60_000).filter(({ kind }) => kind === 'log').length;
      }
      const perSecond = lines / (24 * 6 * 60);
      expect(perSecond).toBeGreaterThan(ratePerSecond * 0.8);
      expect(perSecond).toBeLessThan(ratePerSecond * 1.25);
    }
    // Three seconds of counting, on a machine that does nothing else.
  }, 30_000);

  it('counts requests upwards in a metric that agrees with the lines', () => {
    const events = createShop(6).tick(START_MS, START_MS + 30_000);
    const served = events.filter(
      (event) => event.kind === 'log' && event.service === 'auth' && event.attributes?.['status'],
    );
    const counts = metricsNamed(events, 'http.requests').filter(({ service }) => service === 'auth');
    expect(counts.map(({ value }) => value)).toEqual(counts.map(({ value }) => value).sort((a, b) => a - b));
    expect(counts.at(-1)?.value).toBe(served.length);
    expect(counts.every(({ type }) => type === 'counter')).toBe(true);
  });
});

describe('The incidents of the shop', () => {
  it('are of every kind, with calm in between', () => {
    const seen = new Set<string>();
    for (let timeMs = START_MS; timeMs < START_MS + 6 * HOUR_MS; timeMs += 5000) {
      seen.add(incidentAt(8, timeMs)?.name ?? 'calm');
    }
    expect(seen).toEqual(new Set([...INCIDENTS, 'calm']));
  });

  it('show a failing payment gateway in logs and metrics alike: slow, timing out, open, recovered', () => {
    const { startMs, endMs } = incidentNamed(9, 'payment-gateway');
    const events = createShop(9).tick(startMs - 30_000, endMs + 20_000);
    const text = messages(events);
    const story = ['answers slowly', 'timed out 5 times', 'OPEN: failure rate', 'HALF_OPEN', 'CLOSED'];
    const places = story.map((part) => text.indexOf(part));
    expect(places.every((place, index) => place > (places[index - 1] ?? -1))).toBe(true);
    expect(text).toContain('SocketTimeoutException: Read timed out\n\tat java.base');
    expect(text).toContain('circuit is open');

    const errorRate = metricsNamed(events, 'error.rate').filter(({ service }) => service === 'payments');
    const calm = errorRate.filter(({ time }) => Number(time) <= startMs);
    expect(Math.max(...calm.map(({ value }) => value))).toBeLessThan(10);
    expect(Math.max(...errorRate.map(({ value }) => value))).toBeGreaterThan(50);
    const slowest = metricsNamed(events, 'http.duration.p99').filter(({ service }) => service === 'payments');
    expect(Math.max(...slowest.map(({ value }) => value))).toBeGreaterThan(1500);
  });
});
