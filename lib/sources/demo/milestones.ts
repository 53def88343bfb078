import type { Level } from '@/lib/core/level.ts';
import type { SourceEvent } from '@/lib/core/source.ts';
import type { Service } from './catalogue.ts';
import { type Incident, type IncidentName, incidentAt } from './incidents.ts';

type Milestone = {
  /** The progress of the incident at which it is said. */
  readonly at: number;
  readonly service: Service;
  readonly level: Level;
  readonly message: string;
};

/** The lines that tell an incident's story, once each: what an operator would look for. */
const MILESTONES: Readonly<Record<IncidentName, readonly Milestone[]>> = {
  'payment-gateway': [
    { at: 0.1, service: 'payments', level: 'warn', message: 'gateway-eu-2 answers slowly: p99 above 1000 ms' },
    { at: 0.25, service: 'payments', level: 'error', message: 'gateway-eu-2 timed out 5 times in 10 s' },
    {
      at: 0.5,
      service: 'payments',
      level: 'fatal',
      message: 'circuit to gateway-eu-2 OPEN: failure rate 61 % over 50 calls',
    },
    { at: 0.75, service: 'payments', level: 'warn', message: 'circuit to gateway-eu-2 HALF_OPEN: trying 10 calls' },
    {
      at: 0.9,
      service: 'payments',
      level: 'info',
      message: 'circuit to gateway-eu-2 CLOSED: 10 of 10 calls succeeded',
    },
  ],
  'bad-deploy': [
    { at: 0, service: 'cart', level: 'info', message: 'deployed cart 2.14.0 (was 2.13.4)' },
    {
      at: 0.3,
      service: 'cart',
      level: 'error',
      message: 'error budget burns 14 times too fast since deploy of 2.14.0',
    },
    { at: 0.8, service: 'cart', level: 'warn', message: 'rolled back cart 2.14.0 to 2.13.4' },
  ],
  'search-memory': [
    { at: 0.15, service: 'search', level: 'warn', message: 'memory of worker 3 at 78 % of its limit' },
    { at: 0.5, service: 'search', level: 'error', message: 'memory of worker 3 at 96 % of its limit' },
    { at: 0.7, service: 'search', level: 'fatal', message: 'worker 3 was killed: out of memory (exit code 137)' },
    { at: 0.74, service: 'search', level: 'info', message: 'worker 3 started, caches are cold' },
  ],
  'stock-deadlocks': [
    { at: 0.1, service: 'inventory', level: 'warn', message: 'transactions wait for locks: 12 above 500 ms' },
    { at: 0.4, service: 'checkout', level: 'warn', message: 'order queue grows: consumers are blocked by inventory' },
    {
      at: 0.85,
      service: 'inventory',
      level: 'info',
      message: 'lock order of reserve() corrected by flag stock.lock_by_sku',
    },
  ],
  'login-attack': [
    {
      at: 0.1,
      service: 'auth',
      level: 'warn',
      message: 'sign-in failures 20 times above normal: credential stuffing?',
    },
    { at: 0.3, service: 'auth', level: 'warn', message: 'rate limit for /login lowered to 5 a minute' },
    { at: 0.95, service: 'auth', level: 'info', message: 'sign-in failures back to normal, rate limit restored' },
  ],
  'flash-sale': [
    { at: 0, service: 'storefront', level: 'info', message: 'campaign "48 hours of mugs" is live' },
    { at: 0.3, service: 'storefront', level: 'info', message: 'scaled from 4 to 10 instances' },
    { at: 0.97, service: 'storefront', level: 'info', message: 'scaled from 10 to 4 instances' },
  ],
};

/** The milestones in [fromMs, toMs). */
export function milestonesBetween(seed: number, fromMs: number, toMs: number): SourceEvent[] {
  const incident = incidentAt(seed, toMs - 1);
  if (!incident) return [];
  const events: SourceEvent[] = [];
  for (const milestone of MILESTONES[incident.name]) {
    const time = timeOf(milestone, incident);
    if (time >= fromMs && time < toMs) events.push(toEvent(milestone, time, incident));
  }
  return events;
}

function timeOf({ at }: Milestone, { startMs, endMs }: Incident): number {
  return Math.round(startMs + at * (endMs - startMs));
}

function toEvent({ service, level, message }: Milestone, time: number, { name }: Incident): SourceEvent {
  return { kind: 'log', time, level, service, message, attributes: { demo: true, incident: name } };
}
