import type { ServerUnaryCall, StatusObject } from '@grpc/grpc-js';
import { AppError, isAppError } from '@/lib/core/errors.ts';
import { statusOfError } from '@/lib/transport/grpc-status.ts';
import type { FilterMessage, SubscribeRequest } from '@/lib/wire/proto/messages.ts';
import type { Runtime } from '../create-runtime.ts';
import type { Asked } from '../http/stream-asked.ts';

/** What every kind of call knows of who calls. */
export type Caller = Pick<ServerUnaryCall<unknown, unknown>, 'metadata' | 'getPeer'>;

/** A call as the other protocols ask: metadata are its headers, the request's fields its query. */
export function askedByCall(call: Caller, request: SubscribeRequest = {}): Asked {
  const { from, lastEventId, speed, filter } = request;
  const query = filterQuery(filter);
  if (from) query.set('from', from);
  if (speed) query.set('speed', String(speed));
  const header = (name: string): string | null => {
    if (name === 'last-event-id' && lastEventId) return lastEventId;
    const [value] = call.metadata.get(name);
    return value === undefined ? null : String(value);
  };
  return { transport: 'grpc', peerAddress: addressOf(call.getPeer()), search: `?${query}`, header };
}

/** A filter in the one language that there is for it, so that it is judged by the one judge. */
export function filterQuery(filter: FilterMessage | null | undefined): URLSearchParams {
  const query = new URLSearchParams();
  const { kind, services = [], level, q } = filter ?? {};
  for (const service of services) query.append('service', service);
  for (const [name, value] of Object.entries({ kind, level, q })) if (value) query.set(name, value);
  return query;
}

/** The address of `1.2.3.4:5678` and of `::1:5678`, as grpc-js writes it. */
function addressOf(peer: string): string | undefined {
  const colon = peer.lastIndexOf(':');
  return colon < 0 ? undefined : peer.slice(0, colon);
}

/** What a caller is told of an error; what nobody expected is logged, and stays inside. */
export function explainStatus(runtime: Pick<Runtime, 'onError'>, error: unknown): StatusObject {
  if (isAppError(error)) return statusOfError(error);
  runtime.onError(error);
  return statusOfError(new AppError('internal', 'an unexpected error; see the log of the server'));
}
