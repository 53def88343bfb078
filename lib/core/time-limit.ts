export type TimeLimit = {
  /** Aborted with a TimeoutError, or with the reason of what stopped it. */
  readonly signal: AbortSignal;
  /** To be called when it is over, however it ended. */
  release(): void;
};

/**
 * A signal for what may be stopped and may take so long. Not `AbortSignal.any` with `AbortSignal.timeout`: once Node 20's
 * collector has been at work, a `fetch` with such a signal is not ended by it, and waits for ever.
 */
export function timeLimit(stop: AbortSignal, ms: number): TimeLimit {
  const limit = new AbortController();
  const onStop = (): void => limit.abort(stop.reason);
  const timer = setTimeout(() => limit.abort(new DOMException(`it took longer than ${ms} ms`, 'TimeoutError')), ms);
  if (stop.aborted) onStop();
  else stop.addEventListener('abort', onStop, { once: true });
  return {
    signal: limit.signal,
    release: () => {
      clearTimeout(timer);
      stop.removeEventListener('abort', onStop);
    },
  };
}
