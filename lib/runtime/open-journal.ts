import type { Config } from '@/lib/config/config.ts';
import { systemClock } from '@/lib/core/clock.ts';
import type { ResourceLedger } from '@/lib/core/ledger.ts';
import type { GuardedHistory } from '@/lib/history/guarded-history.ts';
import type { HistoryStore } from '@/lib/history/history-port.ts';
import { openHistory } from '@/lib/history/open-history.ts';
import { Journal } from '@/lib/journal/journal.ts';
import { type StartedChaos, startChaos } from './chaos/start-chaos.ts';
import { guardHistory } from './guard-history.ts';
import type { Logger } from './logger.ts';

export type JournalContext = {
  readonly config: Config;
  readonly log: Logger;
  /** One whose lines do not go into the journal. */
  readonly pathLog: Logger;
  readonly ledger: ResourceLedger;
  /** Stands between the history and its guard. */
  readonly wrapHistory?: ((store: HistoryStore) => HistoryStore) | undefined;
  onError(error: unknown): void;
};

export type OpenedJournal = {
  readonly journal: Journal;
  readonly history: GuardedHistory;
  /** What can be broken on purpose; undefined unless the settings allow it. */
  readonly faults: StartedChaos | undefined;
  /** Ends the history, after the journal has been closed. */
  close(): Promise<void>;
};

const JOURNAL_LIMITS = {
  pendingEventsMax: 100_000,
  pendingBytesMax: 64 * 1024 * 1024,
  batchEventsMax: 2000,
  commitIntervalMs: 5,
};

/** The journal over its history: the bare store, then faults where they are allowed, then the guard with its breaker. */
export async function openJournal(context: JournalContext): Promise<OpenedJournal> {
  const { config, log, pathLog, ledger, wrapHistory = (bare) => bare, onError } = context;
  const owner = ledger.owner('history');
  const bare = await openHistory(config, owner);
  const faults = config.admin.chaos ? startChaos({ store: bare, log, now: systemClock.now, ledger }) : undefined;
  const { history, hold } = guardHistory(wrapHistory(faults?.history ?? bare), { config, log: pathLog, onError });
  const journal = new Journal({
    store: history,
    clock: systemClock,
    ring: config.ring,
    seriesMax: config.seriesMax,
    hold: { ...hold, owner: ledger.owner('journal') },
    ...JOURNAL_LIMITS,
  });
  const close = async (): Promise<void> => {
    await history.close();
    owner.close();
  };
  await journal.open().catch(async (error: unknown) => {
    // The next request tries again, with a history of its own: this one's thread must not stay.
    await close();
    throw error;
  });
  return { journal, history, faults, close };
}
