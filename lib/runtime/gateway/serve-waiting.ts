import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '@/lib/core/errors.ts';
import { problemResponse } from '../http/problem.ts';
import { sendResponse } from '../http/stream-endpoint.ts';

const RETRY_AFTER_S = 2;

/** Answers while there is no journal to follow yet: the process lives, and is not ready. */
export function serveWaiting(req: IncomingMessage, res: ServerResponse): void {
  const path = (req.url ?? '').split('?', 1)[0] ?? '';
  if (path === '/healthz') void sendResponse(Response.json({ status: 'ok' }), res);
  else if (path === '/readyz') {
    const status = 'waiting for the journal of the server: start it with the same TAILRACE_DATA_DIR';
    void sendResponse(Response.json({ status }, { status: 503 }), res);
  } else {
    const says = 'this gateway waits for the journal of the server; try again in a moment';
    void sendResponse(problemResponse(new AppError('storage-unavailable', says, { retryAfterS: RETRY_AFTER_S })), res);
  }
}
