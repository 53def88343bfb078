/**
 * Why a stream ended, in one numbered table. 1xxx: the client's doing or its line's; 2xxx: the server ends it, come back
 * and go on where you were; 3xxx: do not come back. `side` tells who ended it: what a client or its line does stops the
 * work at once and is only counted; what the server decides is logged as well.
 */
export const CLOSE_REASONS = {
  'client-left': { code: 1000, reconnect: true, side: 'client', says: 'the client closed the connection' },
  'write-failed': { code: 1001, reconnect: true, side: 'client', says: 'the connection broke while it was written to' },
  answered: { code: 1002, reconnect: true, side: 'client', says: 'the poll has been answered' },
  resubscribed: {
    code: 1003,
    reconnect: true,
    side: 'client',
    says: 'the client asked for something else on its line',
  },
  protocol: { code: 1004, reconnect: true, side: 'client', says: 'the client broke the rules of its protocol' },
  draining: { code: 2000, reconnect: true, side: 'server', says: 'the server is shutting down' },
  internal: { code: 2002, reconnect: true, side: 'server', says: 'the server met an unexpected error' },
  'heartbeat-missed': { code: 2003, reconnect: true, side: 'server', says: 'the client has not been heard of' },
  idle: {
    code: 2004,
    reconnect: true,
    side: 'server',
    says: 'nothing was sent for longer than an idle stream is kept',
  },
  age: { code: 2005, reconnect: true, side: 'server', says: 'the stream has reached its greatest age' },
  slow: { code: 2006, reconnect: true, side: 'server', says: 'the client took nothing for longer than patience lasts' },
  limit: { code: 2007, reconnect: true, side: 'server', says: 'the server has to do with fewer streams' },
  disconnected: { code: 2008, reconnect: true, side: 'server', says: 'an operator ended the connection' },
  'token-expired': {
    code: 2009,
    reconnect: true,
    side: 'server',
    says: 'access has ended: it expired or was taken back; log in again, or come with a fresh token',
  },
  kicked: { code: 3000, reconnect: false, side: 'server', says: 'an operator closed the connection for good' },
} as const;

export type CloseReason = keyof typeof CLOSE_REASONS;
/** How a connection ends that this side has not ended. */
export type ClientEnd = 'client-left' | 'write-failed' | 'answered' | 'resubscribed' | 'protocol';

/** What a client is told before the server closes. `retryMs` is ignored by one that shall not come back. */
export function byeOf(reason: CloseReason, retryMs: number) {
  const { code, reconnect } = CLOSE_REASONS[reason];
  return { code, reason, reconnect, retryMs };
}
