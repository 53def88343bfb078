export type BackoffOptions = { readonly minMs: number; readonly maxMs: number };

/**
 * Full jitter: a crowd that lost its server together must not come back together.
 * @param attempt 0 for the first retry
 * @param random in [0, 1); injected so that tests are exact
 */
export function backoffMs(attempt: number, options: BackoffOptions, random: () => number = Math.random): number {
  const ceiling = Math.min(options.maxMs, options.minMs * 2 ** Math.min(attempt, 30));
  return Math.round(options.minMs / 2 + random() * (ceiling - options.minMs / 2));
}
