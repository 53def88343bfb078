import type { WatchedHistory, WatchedJournal } from './server-parts.ts';

export type ReadinessContext = {
  readonly hub: { readonly isDraining: boolean };
  readonly journal: Pick<WatchedJournal, 'held'>;
  readonly history: Pick<WatchedHistory, 'breaker'>;
  /** Rejects when the history does not answer. */
  checkHistory(): Promise<unknown>;
};

export type Readiness = { readonly isReady: boolean; readonly says: string };

/** Ready is who takes events. A history that is away is no reason to send senders elsewhere while what comes still fits. */
export async function readiness({ hub, journal, history, checkHistory }: ReadinessContext): Promise<Readiness> {
  if (hub.isDraining) return { isReady: false, says: 'shutting down' };
  const answers = history.breaker.report().state === 'closed' && (await succeeds(checkHistory));
  if (answers) return { isReady: true, says: 'ready' };
  const { events, eventsMax } = journal.held;
  if (events < eventsMax) return { isReady: true, says: `degraded: the history is away, ${events} events are held` };
  return { isReady: false, says: `the history is away and ${events} events are held, as many as are allowed` };
}

function succeeds(check: () => Promise<unknown>): Promise<boolean> {
  return check().then(
    () => true,
    () => false,
  );
}
