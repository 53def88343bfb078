import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError, isAppError } from '@/lib/core/errors.ts';
import type { Runtime } from '../create-runtime.ts';
import { takeAcknowledgement } from './connection-endpoint.ts';
import { problemResponse } from './problem.ts';
import { askedOnSocket } from './stream-asked.ts';
import { enterFromSocket, sendResponse, servePoll, serveStream } from './stream-endpoint.ts';

const ACK = /^\/api\/connections\/([A-Za-z0-9]{1,20})\/ack$/;
const ACK_CHARS_MAX = 4096;
const ACK_MS_MAX = 10_000;

/**
 * What the Node server answers straight from the socket, because it is asked for ten thousand times: streams, and the
 * acknowledgements of their clients. Returns false for everything else, which is Next's.
 */
export function serveFromSocket(runtime: Runtime, req: IncomingMessage, res: ServerResponse): boolean {
  const path = (req.url ?? '').split('?', 1)[0] ?? '';
  if (req.method === 'GET' && path === '/api/stream') {
    serveStream(runtime, req, res);
    return true;
  }
  if (req.method === 'GET' && path === '/api/poll') {
    servePoll(runtime, req, res);
    return true;
  }
  const id = req.method === 'POST' ? ACK.exec(path)?.[1] : undefined;
  if (id === undefined) return false;
  receiveAcknowledgement(runtime, id, req, res);
  return true;
}

/** Without a web Response: ten thousand clients send seven hundred of these a second. Who may not is not listened to. */
function receiveAcknowledgement(runtime: Runtime, id: string, req: IncomingMessage, res: ServerResponse): void {
  const take = async (): Promise<void> => {
    const who = await enterFromSocket(runtime, 'view', askedOnSocket('http', req));
    takeAcknowledgement(runtime, id, parse(await textOf(req)), who);
    res.writeHead(204).end();
  };
  take().catch((error: unknown) => {
    if (!isAppError(error)) runtime.onError(error);
    void sendResponse(problemResponse(error), res);
    req.resume();
  });
}

/** By events, as that costs least. Rejects with bad-request when it comes too slowly, or its line breaks. */
function textOf(req: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    const fail = (says: string): void => {
      clearTimeout(timer);
      reject(new AppError('bad-request', says));
    };
    const timer = setTimeout(fail, ACK_MS_MAX, 'the acknowledgement came too slowly').unref();
    req.setEncoding('utf8');
    req.on('data', (piece: string) => {
      // One that is too long is cut, and then is no JSON.
      if (text.length <= ACK_CHARS_MAX) text += piece;
    });
    req.once('end', () => {
      clearTimeout(timer);
      resolve(text);
    });
    req.on('error', () => fail('the acknowledgement broke off'));
  });
}

/** What is no JSON is refused by the schema like any other nonsense. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
