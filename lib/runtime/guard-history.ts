import type { Config } from '@/lib/config/config.ts';
import { systemClock } from '@/lib/core/clock.ts';
import { GuardedHistory } from '@/lib/history/guarded-history.ts';
import type { HistoryStore } from '@/lib/history/history-port.ts';
import { HoldMarkerFile } from '@/lib/history/hold-marker.ts';
import { besideDatabase } from '@/lib/history/open-history.ts';
import type { HoldOptions } from '@/lib/journal/holding.ts';
import type { Logger } from './logger.ts';

type GuardContext = {
  readonly config: Config;
  /** One whose lines do not go into the journal. */
  readonly log: Logger;
  onError(error: unknown): void;
};

/** The history behind its breaker, and what the journal needs to hold events while that is open. */
export function guardHistory(store: HistoryStore, { config, log, onError }: GuardContext) {
  const history = new GuardedHistory(store, {
    ...config.history,
    now: systemClock.now,
    onChange: ({ from, to, cause, error }) => {
      const level = to === 'open' ? 'error' : 'info';
      log[level]({ from, to, ...(error !== undefined && { err: error }) }, `the history's breaker is ${to}: ${cause}`);
    },
    onFailure: (method, cause) => log.warn({ method, err: cause }, `the history failed: ${method}`),
  });
  const marker = new HoldMarkerFile(besideDatabase(config.databaseUrl, 'held'));
  const hold: HoldOptions = { eventsMax: config.heldEventsMax, breaker: history.breaker, marker, onError };
  return { history, hold };
}
