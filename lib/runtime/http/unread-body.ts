import type { IncomingMessage, ServerResponse } from 'node:http';

const PASS_MS_MAX = 30_000;

/**
 * For a server that sets no time to a request, since a body may be streamed for hours: once it is answered the rest passes by
 * unread, as its client may only look for the answer then, but not for ever. A sender of a byte a minute would keep its
 * connection otherwise, whatever it was told.
 */
export function limitUnread(req: IncomingMessage, res: ServerResponse, passMsMax = PASS_MS_MAX): void {
  res.once('finish', () => {
    if (req.complete) return;
    const cut = (): void => {
      if (!req.complete) req.socket.destroy();
    };
    setTimeout(cut, passMsMax).unref();
  });
}
