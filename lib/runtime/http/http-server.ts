import { createServer, type RequestListener, type Server } from 'node:http';
import { GatewayRequest } from '../gateway/gateway-request.ts';

/** From a connection's first byte to the last of a request's head; looked after so often. */
const HEAD_MS_MAX = 15_000;
const LOOK_MS = 5000;
/** Who has its answer may send what is on its way, so that it reads the answer; after so long the line is cut. */
const LINGER_MS = 30_000;

/**
 * A server of HTTP for whoever may come. A body may be streamed for hours (NDJSON): what bounds it is its size. But a head
 * that comes slowly, and a body that goes on coming after its answer, would hold a connection for nothing; with enough of
 * them nobody else would find one.
 */
export function makeHttpServer(
  serve: RequestListener<typeof GatewayRequest>,
  lingerMs = LINGER_MS,
): Server<typeof GatewayRequest> {
  const limits = { headersTimeout: HEAD_MS_MAX, requestTimeout: 0, connectionsCheckingInterval: LOOK_MS };
  return createServer({ IncomingMessage: GatewayRequest, ...limits }, (req, res) => {
    res.once('finish', () => {
      if (req.complete) return;
      const timer = setTimeout(() => req.socket.destroy(), lingerMs).unref();
      req.once('close', () => clearTimeout(timer));
    });
    // Nobody needs it, it shows what proxies have added, and Next has no answer to it.
    if (req.method === 'TRACE') res.writeHead(405, { Connection: 'close' }).end();
    else serve(req, res);
  });
}
