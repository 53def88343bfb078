import { CLOSE_REASONS, type CloseReason } from '@/lib/core/close-reason.ts';
import type { BusyFrame, ByeFrame } from '@/lib/wire/frames.ts';
import type { StreamEnd } from './stream-reader.ts';

/** More came over a WebSocket than could be handled in time. */
export const OVERRUN: StreamEnd = { again: true, cause: 'more arrived than this browser could take in', retryMs: 0 };

/** Asking again would be answered the same, until somebody has logged in. It travels between tabs as this sentence. */
export const SIGNED_OUT: StreamEnd = {
  again: false,
  cause: 'the server asks who this is: log in again, or come with a token',
};

/** Ends that belong to the life of a healthy stream: the client goes on where it was, and nothing is wrong. */
const ROUTINE: ReadonlySet<string> = new Set([sentenceOf('idle'), sentenceOf('age'), OVERRUN.cause]);

/** What `bye` means for the client: come back, or do not, and why in words. */
export function byeEnd({ reason, reconnect, retryMs }: ByeFrame): StreamEnd {
  const cause = sentenceOf(reason);
  return reconnect ? { again: true, cause, retryMs } : { again: false, cause };
}

/** What the close code of a WebSocket means: 4xxx is come back, 3xxx is do not; its reason is the table's word. */
export function closeEnd(code: number, reason: string): StreamEnd {
  return { again: code >= 4000, cause: sentenceOf(reason) };
}

export function busyEnd({ reason, retryMs }: BusyFrame): StreamEnd {
  return { again: true, cause: `the server is busy: ${reason}`, retryMs };
}

/** What the server has said before it closed a WebSocket. */
export function complaintEnd(data: { code?: unknown; detail?: unknown } | undefined): StreamEnd {
  if (data?.code === 'unauthorized') return SIGNED_OUT;
  const cause = `the server said: ${String(data?.detail ?? 'an error')}`;
  return data?.code === 'forbidden' ? { again: false, cause } : { again: true, cause };
}

/** Whether a cause of a reconnect is no trouble: it travels between tabs and reloads as the sentence that it is. */
export function isRoutine(cause: string): boolean {
  return ROUTINE.has(cause);
}

/** The table's sentence, or the word of a newer server as it is. */
function sentenceOf(reason: string): string {
  if (!Object.hasOwn(CLOSE_REASONS, reason)) return `the server closed: ${reason}`;
  return CLOSE_REASONS[reason as CloseReason].says;
}
