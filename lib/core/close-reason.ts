/**
 * Why a stream ended, in one numbered table. 1xxx: the client's doing or its line's; 2xxx: the server asks for a new
 * connection; 3xxx: do not come back.
 */
export const CLOSE_REASONS = {
  'client-left': { code: 1000, reconnect: true, says: 'the client closed the connection' },
  'write-failed': { code: 1001, reconnect: true, says: 'the connection broke while it was written to' },
  draining: { code: 2000, reconnect: true, says: 'the server is shutting down' },
  internal: { code: 2002, reconnect: true, says: 'the server met an unexpected error' },
} as const;

export type CloseReason = keyof typeof CLOSE_REASONS;
