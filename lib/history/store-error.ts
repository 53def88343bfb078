import { AppError } from '@/lib/core/errors.ts';

/** `refused`: the store was not asked. `failed`: it says no. `unknown`: it did not answer, and may have done it. */
export type StoreOutcome = 'refused' | 'failed' | 'unknown';

/** A call of the history that came to nothing; to a client it is a 503 with a time to come back. */
export class StoreError extends AppError {
  readonly outcome: StoreOutcome;

  constructor(outcome: StoreOutcome, message: string, options: { retryAfterS: number; cause?: unknown }) {
    super('storage-unavailable', message, options);
    this.outcome = outcome;
  }
}
