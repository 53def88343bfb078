import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '@/lib/config/config.ts';
import type { ResourceLedger } from '@/lib/core/ledger.ts';
import type { GuardedHistory } from '@/lib/history/guarded-history.ts';
import { openHistory } from '@/lib/history/open-history.ts';
import { Follower } from '@/lib/journal/follower.ts';
import { guardHistory } from '../guard-history.ts';
import type { Logger } from '../logger.ts';

const TRY_EVERY_MS = 500;
/** Said again so often, since the first time may have scrolled away. */
const SAY_EVERY = 60;

export type FollowerContext = {
  readonly config: Config;
  readonly log: Logger;
  readonly ledger: ResourceLedger;
  /** Ends the wait for a journal; the promise then rejects with its reason. */
  readonly signal: AbortSignal;
  onError(error: unknown): void;
};

export type OpenedFollower = {
  readonly journal: Follower;
  readonly history: GuardedHistory;
  close(): Promise<void>;
};

/** The journal of the server that owns the data directory, for reading; waits until there is one. */
export async function openFollower(context: FollowerContext): Promise<OpenedFollower> {
  const { config, log, ledger, onError } = context;
  const historyOwner = ledger.owner('history');
  const followerOwner = ledger.owner('follower');
  const bare = await openHistory({ ...config, isReadOnly: true }, historyOwner);
  const { history } = guardHistory(bare, { config, log, onError });
  const journal = new Follower({ store: history, ring: config.ring, owner: followerOwner, onError });
  const close = async (): Promise<void> => {
    await journal.close();
    await history.close();
    followerOwner.close();
    historyOwner.close();
  };
  try {
    await untilOpen(journal, context);
  } catch (error) {
    await close();
    throw error;
  }
  return { journal, history, close };
}

async function untilOpen(follower: Follower, { config, log, signal }: FollowerContext): Promise<void> {
  const path = config.databaseUrl.slice('file:'.length);
  for (let tries = 0; ; tries += 1) {
    signal.throwIfAborted();
    const failure = await follower.open().then(
      () => undefined,
      (error: unknown) => error ?? new Error('unknown'),
    );
    if (failure === undefined) return;
    const cause = failure instanceof Error ? failure.message : String(failure);
    if (tries % SAY_EVERY === 0) {
      log.warn({ cause }, `waiting for the journal in ${path}: start the server with the same TAILRACE_DATA_DIR`);
    }
    await pause(TRY_EVERY_MS, undefined, { signal });
  }
}
