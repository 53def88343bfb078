import { AppError, isAppError } from '@/lib/core/errors.ts';
import { StoreError } from '@/lib/history/store-error.ts';
import { RETRY_AFTER_S, type Waiting } from './append-queue.ts';

type Held = { readonly events: number; readonly retryAfterS: number };

const retryAfterOf = (cause: unknown): number => (isAppError(cause) && cause.retryAfterS) || RETRY_AFTER_S;

const refusal = (message: string, retryAfterS: number, cause?: unknown): AppError =>
  new AppError('storage-unavailable', message, { retryAfterS, cause });

/** What the senders of a commit that failed are told. */
export function refusalOf(cause: unknown): AppError {
  if (isAppError(cause) && !(cause instanceof StoreError)) return cause;
  const message = 'the history store did not take the events; nothing of them was stored, send again later';
  return refusal(message, retryAfterOf(cause), cause);
}

/** A sender that repeats its request without a key may then have it stored twice, and should know. */
export function notKnown(cause: unknown): AppError {
  const message =
    'the history store did not answer, and it is not known whether it took the events; send again later, with an Idempotency-Key to have them stored once';
  return refusal(message, retryAfterOf(cause), cause);
}

export function fullHold({ events, retryAfterS }: Held): AppError {
  const message = `the history store is away and ${events} events wait for it in memory, as many as may; nothing of these was taken, send again later`;
  return refusal(message, retryAfterS);
}

export function heldName({ retryAfterS }: Held): AppError {
  const message =
    'the history store is away, and without it a repeat of this Idempotency-Key would not be recognised; nothing was taken, send again later';
  return refusal(message, retryAfterS);
}

/** Without those that belong behind something that was refused: they are refused as well. */
export function unbroken(group: readonly Waiting[]): Waiting[] {
  return group.filter((waiting) => {
    if (waiting.chain?.failure) refuse(waiting, waiting.chain.failure);
    return !waiting.chain?.failure;
  });
}

export function refuse(waiting: Waiting, refusal: unknown): void {
  if (waiting.chain) waiting.chain.failure ??= refusal;
  waiting.release();
  waiting.reject(refusal);
}
