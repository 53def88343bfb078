import type { StageTimes } from './stage-plan.ts';

/** What a run does, as far as a profile sets it; each part has an option of its own. */
export type Profile = {
  readonly says: string;
  readonly viewers: number;
  readonly slow: number;
  readonly slowBytes: number;
  /** Events a second, over all publishers. */
  readonly rate: number;
  readonly publishers: number;
  /** Connects that break off, a second; 0: none, or, with a total, as fast as it goes. */
  readonly churn: number;
  /** The hold stage ends when there have been so many; undefined: it ends by time alone. */
  readonly churnTotal?: number;
  readonly storms: number;
  readonly filters: number;
  /** Instead of the mix: one query for all. */
  readonly query?: string;
  /** So many viewers come and go before memory is first read: the first ones make code hot, which later ones do not. */
  readonly warm: number;
  readonly stages: StageTimes;
  /** For a server that the run starts itself. */
  readonly settings: Readonly<Record<string, string>>;
};

const seconds = (ramp: number, hold: number, cool: number): StageTimes => ({
  ramp: ramp * 1000,
  hold: hold * 1000,
  cool: cool * 1000,
});

const DEFAULT: Profile = {
  says: '500 viewers, 500 events/s, slow readers, churn, one storm; about 90 s, gentle enough for two cores',
  viewers: 500,
  slow: 5,
  slowBytes: 10_000,
  rate: 500,
  publishers: 2,
  churn: 20,
  storms: 1,
  filters: 4,
  warm: 0,
  stages: seconds(15, 60, 5),
  settings: {},
};

const QUIET = { slow: 0, churn: 0, storms: 0, filters: 1 } as const;
/** More than the default allows, and no door policy: these measure what a connection costs, not how it is refused. */
const WIDE_OPEN = {
  TAILRACE_CONNECTIONS_MAX: '20000',
  TAILRACE_CONNECTIONS_PER_ADDRESS_MAX: '20000',
  TAILRACE_CONNECT_RATE: '1000000',
} as const;

export const PROFILES = {
  default: DEFAULT,
  smoke: {
    ...DEFAULT,
    says: '50 viewers, 200 events/s, one storm; about 15 s',
    viewers: 50,
    slow: 1,
    rate: 200,
    churn: 5,
    stages: seconds(2, 5, 1),
  },
  idle10k: {
    ...DEFAULT,
    ...QUIET,
    says: '10,000 viewers whose filter lets nothing through: memory for each, CPU with heartbeats',
    viewers: 10_000,
    rate: 0,
    query: 'kind=log&level=fatal',
    warm: 500,
    stages: seconds(20, 60, 10),
    settings: WIDE_OPEN,
  },
  fanout10k: {
    ...DEFAULT,
    ...QUIET,
    says: '10,000 viewers, each gets 1,000 events/s, for 30 s',
    viewers: 10_000,
    rate: 1000,
    warm: 500,
    stages: seconds(20, 30, 10),
    settings: WIDE_OPEN,
  },
  storm5k: {
    ...DEFAULT,
    ...QUIET,
    says: '5,000 viewers dropped at once while events go on: all must be back, exactly',
    viewers: 5000,
    rate: 100,
    storms: 1,
    warm: 500,
    stages: seconds(10, 30, 5),
    settings: {},
  },
  churn100k: {
    ...DEFAULT,
    ...QUIET,
    says: '200,000 connects that break off, as fast as it goes: over the second half memory must not climb; nothing may leak',
    viewers: 20,
    // Some, so that what breaks off is being served; few, since what is stored fills the history's page cache.
    rate: 5,
    churnTotal: 200_000,
    warm: 500,
    stages: seconds(2, 600, 2),
    // A ring that is full from early on: while it fills, memory climbs, and rightly so.
    settings: { ...WIDE_OPEN, TAILRACE_RING_EVENTS: '500' },
  },
} as const satisfies Record<string, Profile>;
export type ProfileName = keyof typeof PROFILES;
export const PROFILE_NAMES = Object.keys(PROFILES) as ProfileName[];
