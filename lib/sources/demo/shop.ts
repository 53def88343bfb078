import type { SourceEvent } from '@/lib/core/source.ts';
import { SERVICES, type Service } from './catalogue.ts';
import { conditionsAt, rhythmAt } from './incidents.ts';
import { milestonesBetween } from './milestones.ts';
import { mixSeed, Random } from './random.ts';
import { type Outcome, VisitLog } from './request-log.ts';
import { Tally } from './tally.ts';
import { LINES_PER_VISIT, VISITS } from './visits.ts';

export const SLOT_MS = 100;
export const RATE_PER_SECOND = 40;

export type ShopOptions = { readonly ratePerSecond?: number };
export type Shop = {
  /**
   * The events of the slots of 100 ms that end in (fromMs, toMs], in order of time; both in ms since 1970. The same
   * seed, rate and times give the same events, and successive ticks give what one tick over the whole span gives.
   */
  tick(fromMs: number, toMs: number): SourceEvent[];
};

/**
 * A synthetic shop: seven services, their requests, business and incidents, as logs and metrics that agree with each
 * other. Time comes from outside, so that a demo, a fixture and a benchmark can run it at any pace.
 * Every event carries the attribute `demo: true`.
 */
export function createShop(seed: number, { ratePerSecond = RATE_PER_SECOND }: ShopOptions = {}): Shop {
  const tallies = new Map<Service, Tally>(SERVICES.map((service) => [service, new Tally()]));
  let orders = 0;
  let queueDepth = 0;

  const count = (service: Service, { durationMs, failed }: Outcome): void => {
    tallies.get(service)?.add(durationMs, failed);
  };

  /** Each slot has a random stream of its own: where ticks are cut cannot change what happens in it. */
  const runSlot = (slot: number): SourceEvent[] => {
    const fromMs = slot * SLOT_MS;
    const untilMs = fromMs + SLOT_MS;
    const random = new Random(mixSeed(seed, slot));
    const conditions = conditionsAt(seed, fromMs);
    const lines = milestonesBetween(seed, fromMs, untilMs);
    const mean = (ratePerSecond * SLOT_MS) / 1000 / LINES_PER_VISIT;
    const visits = random.rounded(mean * rhythmAt(seed, fromMs) * conditions.traffic * (0.7 + 0.6 * random.next()));
    let ordered = 0;
    for (let visit = 0; visit < visits; visit += 1) {
      const log = new VisitLog({ random, conditions, lines, fromMs, untilMs, count });
      if (random.pickWeighted(VISITS).run(log).ordered) ordered += 1;
    }
    orders += ordered;
    // A tenth of all visits orders; the queue's workers have half as much capacity again.
    queueDepth = Math.max(0, queueDepth + ordered - mean * 0.15 * conditions.traffic * conditions.drain);
    lines.sort(byTime);
    if (untilMs % 1000 === 0) lines.push(...metricsAt(untilMs));
    return lines;
  };

  const metricsAt = (timeMs: number): SourceEvent[] => {
    const events: SourceEvent[] = [];
    const add = (service: Service, name: string, value: number, unit: string, type: 'gauge' | 'counter' = 'gauge') => {
      const rounded = Math.round(value * 100) / 100;
      events.push({
        kind: 'metric',
        time: timeMs,
        service,
        name,
        value: rounded,
        unit,
        type,
        attributes: { demo: true },
      });
    };
    for (const [service, tally] of tallies) {
      add(service, 'http.requests', tally.requests, '1', 'counter');
      const summary = tally.summary();
      if (!summary) continue;
      add(service, 'http.duration.p50', summary.p50Ms, 'ms');
      add(service, 'http.duration.p99', summary.p99Ms, 'ms');
      add(service, 'error.rate', summary.errorPercent, '%');
    }
    add('checkout', 'orders', orders, '1', 'counter');
    add('checkout', 'queue.depth', Math.round(queueDepth), '1');
    return events;
  };

  return {
    tick(fromMs, toMs) {
      const events: SourceEvent[] = [];
      for (let slot = Math.floor(fromMs / SLOT_MS); (slot + 1) * SLOT_MS <= toMs; slot += 1) {
        for (const event of runSlot(slot)) events.push(event);
      }
      return events;
    },
  };
}

/** Only logs are sorted, and their times are numbers. */
function byTime(a: SourceEvent, b: SourceEvent): number {
  return Number(a.time) - Number(b.time);
}
