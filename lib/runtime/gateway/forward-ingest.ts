import {
  type ClientRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import { request as requestSecurely } from 'node:https';
import { pipeline } from 'node:stream';
import { AppError } from '@/lib/core/errors.ts';
import type { ResourceLedger } from '@/lib/core/ledger.ts';
import { problemResponse } from '../http/problem.ts';
import { sendResponse } from '../http/stream-endpoint.ts';

const RETRY_AFTER_S = 5;
/** RFC 9110, section 7.6.1: of one connection, not of the message; and what is written anew. */
const OF_THE_HOP = new Set([
  ...['connection', 'keep-alive', 'proxy-connection', 'te', 'trailer', 'transfer-encoding', 'upgrade'],
  ...['expect', 'host'],
]);

/** Hands what is posted (`/api/events`, OTLP) on to the server that owns the journal: body, headers and answer as they are, as a stream. */
export class ForwardIngest {
  readonly #upstream: string | undefined;
  readonly #ledger: ResourceLedger;
  readonly #running = new Set<ClientRequest>();
  /** Requests handed on since the start, and those that came to nothing. */
  readonly counts = { requests: 0, failed: 0 };

  constructor(upstream: string | undefined, ledger: ResourceLedger) {
    this.#upstream = upstream;
    this.#ledger = ledger;
  }

  handle(req: IncomingMessage, res: ServerResponse): void {
    this.counts.requests += 1;
    if (this.#upstream === undefined) {
      this.#refuse(res, noUpstream());
      return;
    }
    const url = new URL(`${this.#upstream.replace(/\/+$/, '')}${req.url ?? ''}`);
    const send = url.protocol === 'https:' ? requestSecurely : request;
    // A line of its own each: one that is kept may be closed by the other side just as a body is sent on it.
    const outgoing = send(url, { method: 'POST', agent: false, headers: headersFor(req) });
    const failed = (): void => this.#refuse(res, away());
    const owner = this.#ledger.owner('forwarded request');
    owner.acquire('listener');
    this.#running.add(outgoing);
    res.once('close', () => outgoing.destroy());
    outgoing.once('close', () => {
      this.#running.delete(outgoing);
      owner.release('listener');
      owner.close();
    });
    outgoing.once('response', (answer) => {
      // It may say no before it has read all, and then break off what is still being sent.
      outgoing.off('error', failed).on('error', () => undefined);
      res.writeHead(answer.statusCode ?? 502, forwarded(answer.headers));
      pipeline(answer, res, () => undefined);
    });
    outgoing.on('error', failed);
    req.pipe(outgoing);
    req.once('aborted', () => outgoing.destroy());
  }

  /** What is on its way is cut; its senders are told, or see their line break. */
  close(): void {
    for (const outgoing of this.#running) outgoing.destroy(new Error('the gateway is shutting down'));
  }

  #refuse(res: ServerResponse, error: AppError): void {
    this.counts.failed += 1;
    if (res.headersSent || res.destroyed) res.destroy();
    else void sendResponse(problemResponse(error), res);
  }
}

export function noUpstream(): AppError {
  const message =
    'this process only serves streams: send events to the server that owns the journal, or set TAILRACE_UPSTREAM here to its address';
  return new AppError('storage-unavailable', message, { retryAfterS: 60 });
}

export function away(cause?: unknown): AppError {
  const message =
    'the server that takes the events did not answer, and may have taken some; send again later, with an Idempotency-Key to have them stored once';
  return new AppError('storage-unavailable', message, { retryAfterS: RETRY_AFTER_S, cause });
}

/** The hop is told as proxies do, so that the server's limits count the sender when it trusts this gateway. */
function headersFor({ headers, socket }: IncomingMessage): IncomingHttpHeaders {
  const before = headers['x-forwarded-for'];
  const hop = socket.remoteAddress ?? 'unknown';
  return { ...forwarded(headers), 'x-forwarded-for': before === undefined ? hop : `${before}, ${hop}` };
}

function forwarded(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !OF_THE_HOP.has(name)));
}
