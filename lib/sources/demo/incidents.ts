import type { Service } from './catalogue.ts';
import { mixSeed, Random } from './random.ts';

/** One incident may begin in each window, so that a visitor meets one within minutes, with calm in between. */
const WINDOW_MS = 5 * 60_000;
const QUIET_WINDOW_CHANCE = 0.15;

export const INCIDENTS = [
  'payment-gateway',
  'bad-deploy',
  'search-memory',
  'stock-deadlocks',
  'login-attack',
  'flash-sale',
] as const;
export type IncidentName = (typeof INCIDENTS)[number];

export type Incident = {
  readonly name: IncidentName;
  readonly startMs: number;
  readonly endMs: number;
  /** 0 at the start, 1 at the end. */
  readonly progress: number;
};

/** The incident under way at a moment, a pure function of the seed and the time. */
export function incidentAt(seed: number, timeMs: number): Incident | undefined {
  const window = Math.floor(timeMs / WINDOW_MS);
  const random = new Random(mixSeed(seed, window));
  if (random.chance(QUIET_WINDOW_CHANCE)) return undefined;
  const name = random.pick(INCIDENTS);
  const startMs = window * WINDOW_MS + random.integer(30, 100) * 1000;
  const endMs = startMs + random.integer(100, 160) * 1000;
  if (timeMs < startMs || timeMs >= endMs) return undefined;
  return { name, startMs, endMs, progress: (timeMs - startMs) / (endMs - startMs) };
}

export type Circuit = 'closed' | 'open' | 'half-open';

/** What an incident does to the shop at one moment. */
export type Conditions = {
  /** Factor on the number of visitors. */
  readonly traffic: number;
  /** Factor on the durations of a service. */
  readonly slowness: Partial<Record<Service, number>>;
  /** Share of a service's requests that fail, added to the everyday share. */
  readonly failures: Partial<Record<Service, number>>;
  /** The breaker between checkout and payments. */
  readonly circuit: Circuit;
  /** Share of the normal speed at which orders leave the queue. */
  readonly drain: number;
  readonly incident: Incident | undefined;
};

const CALM = { traffic: 1, slowness: {}, failures: {}, circuit: 'closed', drain: 1 } as const;

export function conditionsAt(seed: number, timeMs: number): Conditions {
  const incident = incidentAt(seed, timeMs);
  return { ...CALM, ...(incident && effectOf(incident)), incident };
}

function effectOf({ name, progress }: Incident): Partial<Conditions> {
  /** Up, a plateau, and down again. */
  const swell = Math.min(1, progress * 4, (1 - progress) * 4);
  switch (name) {
    case 'payment-gateway':
      return paymentGateway(progress);
    case 'bad-deploy':
      return progress < 0.8 ? { failures: { cart: 0.25, storefront: 0.04 } } : {};
    case 'search-memory':
      // Memory fills until the worker is killed at 70 %; after that its caches are cold.
      return progress < 0.7
        ? { slowness: { search: 1 + progress * 9 }, failures: { search: progress * 0.3 } }
        : { slowness: { search: 1 + (1 - progress) * 8 } };
    case 'stock-deadlocks':
      return { slowness: { inventory: 1 + 14 * swell }, failures: { inventory: 0.18 * swell }, drain: 1 - 0.9 * swell };
    case 'login-attack':
      return { traffic: 1 + 0.5 * swell, slowness: { auth: 1 + 6 * swell }, failures: { auth: 0.02 * swell } };
    case 'flash-sale':
      return { traffic: 1 + 2 * swell, slowness: { storefront: 1 + swell, inventory: 1 + 2 * swell } };
  }
}

/** Latency rises, requests time out, the breaker opens and fails fast, lets a few through, and closes. */
function paymentGateway(progress: number): Partial<Conditions> {
  if (progress < 0.25) return { slowness: { payments: 1 + progress * 40, checkout: 1 + progress * 16 } };
  if (progress < 0.5) return { slowness: { payments: 16, checkout: 8 }, failures: { payments: 0.6, checkout: 0.1 } };
  if (progress < 0.75) return { circuit: 'open', failures: { payments: 1 }, drain: 0.5 };
  if (progress < 0.9) return { circuit: 'half-open', slowness: { payments: 2 }, failures: { payments: 0.3 } };
  return { slowness: { payments: 1.3 } };
}

const WAVE_MS = 90_000;
const BURST_SLOT_MS = 20_000;

/** How busy the shop is against its mean: by the hour of the day (UTC), in slow waves, and in short bursts. */
export function rhythmAt(seed: number, timeMs: number): number {
  const hour = (timeMs % 86_400_000) / 3_600_000;
  // Quietest at four in the morning, busiest at four in the afternoon.
  const daily = 1 - 0.3 * Math.cos(((hour - 4) / 24) * 2 * Math.PI);
  const wave = 1 + 0.15 * Math.sin((timeMs / WAVE_MS) * 2 * Math.PI);
  const burst = new Random(mixSeed(seed ^ 0x5bd1e995, Math.floor(timeMs / BURST_SLOT_MS))).chance(0.08) ? 1.8 : 1;
  return daily * wave * burst;
}
