const OWN_SERVER = Symbol.for('tailrace.own-server');
type Marked = { [OWN_SERVER]?: true };

/**
 * `server.ts` marks its process before it starts Next: the runtime is then not booted and drained twice, and what the
 * server writes into a request's head can be believed.
 */
export function markOwnServer(): void {
  (globalThis as Marked)[OWN_SERVER] = true;
}

/** False under plain `next start` and on a serverless platform. */
export function isOwnServer(): boolean {
  return (globalThis as Marked)[OWN_SERVER] === true;
}
