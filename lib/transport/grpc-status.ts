import { Metadata, type StatusObject, status } from '@grpc/grpc-js';
import { CLOSE_REASONS, type CloseReason } from '@/lib/core/close-reason.ts';
import type { AppError, ErrorCode } from '@/lib/core/errors.ts';
import type { Refusal } from '@/lib/stream/admission.ts';
import type { ByeFrame } from '@/lib/wire/frames.ts';

/** The status of every error that a client can meet. UNAVAILABLE: the same call may succeed in a moment. */
export const STATUS_OF_ERROR: Readonly<Record<ErrorCode, status>> = {
  'bad-request': status.INVALID_ARGUMENT,
  'nothing-accepted': status.INVALID_ARGUMENT,
  unauthorized: status.UNAUTHENTICATED,
  forbidden: status.PERMISSION_DENIED,
  'not-found': status.NOT_FOUND,
  'body-too-large': status.RESOURCE_EXHAUSTED,
  'query-too-long': status.INVALID_ARGUMENT,
  'unsupported-media-type': status.INVALID_ARGUMENT,
  'idempotency-mismatch': status.FAILED_PRECONDITION,
  'rate-limited': status.RESOURCE_EXHAUSTED,
  internal: status.INTERNAL,
  'storage-unavailable': status.UNAVAILABLE,
  'storage-overloaded': status.UNAVAILABLE,
  'identity-unavailable': status.UNAVAILABLE,
  'too-many-connections': status.RESOURCE_EXHAUSTED,
  'memory-pressure': status.RESOURCE_EXHAUSTED,
  'shutting-down': status.UNAVAILABLE,
};

/** The status of every end of a stream. UNAVAILABLE: come back and go on. */
export const STATUS_OF_CLOSE: Readonly<Record<CloseReason, status>> = {
  'client-left': status.CANCELLED,
  'write-failed': status.UNAVAILABLE,
  answered: status.OK,
  resubscribed: status.OK,
  protocol: status.INVALID_ARGUMENT,
  draining: status.UNAVAILABLE,
  internal: status.INTERNAL,
  'heartbeat-missed': status.UNAVAILABLE,
  idle: status.UNAVAILABLE,
  age: status.UNAVAILABLE,
  slow: status.RESOURCE_EXHAUSTED,
  limit: status.RESOURCE_EXHAUSTED,
  disconnected: status.UNAVAILABLE,
  'token-expired': status.UNAUTHENTICATED,
  kicked: status.PERMISSION_DENIED,
};

/** An error as a status; `tailrace-code` is its name, as over HTTP. */
export function statusOfError({ code, message, retryAfterS }: AppError): StatusObject {
  return statusOfRefusal({ code, says: message, retryMs: retryAfterS === undefined ? undefined : retryAfterS * 1000 });
}

/** Why a stream is not opened, and when to ask again. */
export function statusOfRefusal({
  code,
  says,
  retryMs,
}: Pick<Refusal, 'code' | 'says'> & { readonly retryMs: number | undefined }): StatusObject {
  const metadata = new Metadata();
  metadata.set('tailrace-code', code);
  setRetry(metadata, retryMs);
  return { code: STATUS_OF_ERROR[code], details: says, metadata };
}

/**
 * The end of a stream, with what its `bye` has said in the trailing metadata, for clients that only look at statuses.
 * @param bye undefined: it could not be written
 */
export function statusOfClose(reason: CloseReason, bye: ByeFrame | undefined): StatusObject {
  const { code, reconnect, says } = CLOSE_REASONS[reason];
  const metadata = new Metadata();
  metadata.set('tailrace-reason', reason);
  metadata.set('tailrace-reason-code', String(code));
  metadata.set('tailrace-reconnect', String(reconnect));
  if (reconnect) setRetry(metadata, bye?.retryMs);
  // gRFC A6: a delay below 0 tells the client's library not to try again by itself.
  else metadata.set('grpc-retry-pushback-ms', '-1');
  return { code: STATUS_OF_CLOSE[reason], details: says, metadata };
}

function setRetry(metadata: Metadata, retryMs: number | undefined): void {
  if (retryMs === undefined) return;
  metadata.set('retry-after-ms', String(Math.round(retryMs)));
  metadata.set('grpc-retry-pushback-ms', String(Math.round(retryMs)));
}
