import type { ResourceLedger } from '@/lib/core/ledger.ts';
import type { Logger } from './logger.ts';

/** Orchestrators kill after 30 s; what has not ended by then is ended here, with a word about it. */
const EXIT_MS_MAX = 25_000;

/**
 * On SIGTERM or SIGINT: runs `close`, then exits; a second signal, or 25 s, exits at once.
 * @param close resolves, when all is closed, to the ledger in which nothing may be held any more
 */
export function onTermination(log: Logger, close: () => Promise<ResourceLedger | undefined>): void {
  let closing = false;
  const end = (signal: NodeJS.Signals): void => {
    if (closing) process.exit(1);
    closing = true;
    const overdue = setTimeout(() => {
      log.error({ journal: false }, `not closed ${EXIT_MS_MAX} ms after ${signal}; ending all the same`);
      process.exit(1);
    }, EXIT_MS_MAX);
    close().then(
      (ledger) => {
        clearTimeout(overdue);
        if (ledger) tellHeld(log, ledger);
        process.exit(0);
      },
      (error: unknown) => {
        log.error({ err: error, journal: false }, 'closing failed');
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}

function tellHeld(log: Logger, { heldTotal, heldByKind, leaks }: ResourceLedger): void {
  if (heldTotal === 0) return;
  log.error({ heldByKind, leaks, journal: false }, `${heldTotal} resources were not released`);
}
