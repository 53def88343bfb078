import { ResourceLedger } from '@/lib/core/ledger.ts';
import type { JournalView } from '@/lib/journal/journal-view.ts';
import { Admission, type AdmissionLimits } from '../admission.ts';
import type { Peer } from '../peer.ts';
import type { SessionRules } from '../session-clock.ts';
import { StreamHub } from '../stream-hub.ts';

export const PEER: Peer = {
  transport: 'sse',
  address: '127.0.0.1',
  userAgent: 'test',
  user: undefined,
  acknowledges: false,
  isReturning: false,
};

/** Nothing ends by time alone. */
export const RULES: SessionRules = { heartbeatMs: 1000, missesMax: 3, slowMs: 1e9, idleMs: 0, ageMs: 0 };

const LIMITS: AdmissionLimits = {
  connectionsMax: 100,
  perAddressMax: 1e6,
  perTokenMax: 1e6,
  perSecondMax: 1e6,
  retryMs: 100,
};

export type HubParts = {
  readonly journal: JournalView;
  readonly clock: { now(): number };
  readonly limits?: Partial<AdmissionLimits>;
  readonly rules?: Partial<SessionRules>;
  readonly onError: (error: unknown) => void;
};

export function makeHub({ journal, clock, limits, rules, onError }: HubParts): {
  hub: StreamHub;
  admission: Admission;
  ledger: ResourceLedger;
} {
  const admission = new Admission({ ...LIMITS, ...limits }, clock.now());
  const ledger = new ResourceLedger(() => clock.now());
  const hub = new StreamHub({ journal, clock, rules: { ...RULES, ...rules }, admission, ledger, onError });
  return { hub, admission, ledger };
}
