import { AppError } from '@/lib/core/errors.ts';
import { EVENT_STREAM } from '@/lib/transport/http-stream-kind.ts';
import { wantsStatus } from '@/lib/transport/wants-status.ts';
import { encodeRetry } from '@/lib/wire/sse.ts';
import type { WatchHub, WatchRequest } from '../monitor/watch-hub.ts';
import { problemResponse } from './problem.ts';

/** When somebody who found no place asks again, in ms, give or take half. */
const BUSY_RETRY_MS = 5000;

export type WatchAnswer = Pick<WatchRequest, 'event' | 'frame' | 'principal'> & {
  readonly request: Request;
  readonly watchers: WatchHub;
};

/**
 * Answers the `GET` of an operations stream: `frame` as `event`, at once and then each second, until the client leaves or
 * the server closes. `HEAD` gets the head alone: Next would run `GET` for it and never read nor cancel the body. With
 * `once=1` it is one frame as JSON, for pages behind a proxy that holds streams back.
 */
export function watchResponse({ request, principal, event, frame, watchers }: WatchAnswer): Response {
  if (new URL(request.url).searchParams.get('once') === '1') {
    return Response.json(frame(true), { headers: { 'Cache-Control': 'no-store' } });
  }
  if (watchers.isFullFor(principal)) return busy(request);
  if (request.method === 'HEAD') return new Response(null, { headers: EVENT_STREAM.headers });
  return new Response(watchers.open({ signal: request.signal, principal, event, frame }), {
    headers: EVENT_STREAM.headers,
  });
}

/** Said so that a native EventSource comes back: any status but 200 makes it give up. */
function busy({ headers }: Request): Response {
  const retryMs = BUSY_RETRY_MS * (0.5 + Math.random());
  if (!wantsStatus({ accept: headers.get('accept'), client: headers.get('x-tailrace-client') })) {
    return new Response(Buffer.from(encodeRetry(retryMs)), { headers: EVENT_STREAM.headers });
  }
  const retryAfterS = Math.ceil(retryMs / 1000);
  const says = `as many operations pages are open as may be, or the server is closing; try again in ${retryAfterS} s`;
  return problemResponse(new AppError('too-many-connections', says, { retryAfterS }));
}
