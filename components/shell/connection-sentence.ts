import type { Tone } from '@/components/ui/badge.tsx';
import { isRoutine, SIGNED_OUT } from '@/lib/client/goodbye.ts';
import type { ConnectionState } from '@/lib/client/state.ts';
import { TRANSPORT_WORDS } from '@/lib/client/transport-words.ts';
import { parsePosition } from '@/lib/core/position.ts';
import { formatCount, formatDuration } from './format-count.ts';

export type ConnectionSentence = {
  readonly tone: Tone;
  /** One or two words: "live", "catching up". */
  readonly state: string;
  /** What goes with the state, or ''. */
  readonly detail: string;
  readonly canRetry: boolean;
  readonly busy: boolean;
};

type Told = Pick<
  ConnectionState,
  'phase' | 'sinceMs' | 'retryAtMs' | 'attempt' | 'lost' | 'repeated' | 'head' | 'cursor' | 'cause'
> &
  Partial<Pick<ConnectionState, 'switching' | 'transport'>>;

/** Says where the stream stands. `nowMs` only moves the countdown and the ages. */
export function connectionSentence(connection: Told, nowMs: number): ConnectionSentence {
  const { phase, lost, repeated } = connection;
  const proof = `${formatCount(lost)} lost · ${formatCount(repeated)} repeated`;
  const base = { canRetry: false, busy: false };
  switch (phase) {
    case 'live':
      return { ...base, tone: lost + repeated > 0 ? 'warn' : 'good', state: 'live', detail: proof };
    case 'replaying': {
      const behind = eventsBehind(connection);
      const detail = behind === undefined ? proof : formatCount(behind);
      return { ...base, tone: 'warn', state: 'catching up', detail, busy: true };
    }
    case 'stale': {
      const detail = `silent for ${formatDuration(nowMs - connection.sinceMs)}`;
      return { tone: 'warn', state: 'stale', detail, canRetry: true, busy: true };
    }
    case 'waiting': {
      const leftMs = Math.max(0, (connection.retryAtMs ?? nowMs) - nowMs);
      // The server has ended a healthy stream to make room: an alarm for a second of it would cry wolf.
      if (isRoutine(connection.cause)) {
        return { tone: 'neutral', state: 'renewing', detail: connection.cause, canRetry: false, busy: true };
      }
      const state = leftMs === 0 ? 'reconnecting' : `reconnecting in ${Math.ceil(leftMs / 1000)} s`;
      return { tone: 'bad', state, detail: connection.cause, canRetry: true, busy: true };
    }
    case 'offline':
      return { tone: 'bad', state: 'offline', detail: 'resumes where it stopped', canRetry: true, busy: false };
    case 'closed':
      if (connection.cause === SIGNED_OUT.cause) {
        return {
          tone: 'bad',
          state: 'signed out',
          detail: 'resumes when you have logged in',
          canRetry: false,
          busy: false,
        };
      }
      return { tone: 'bad', state: 'closed', detail: connection.cause, canRetry: true, busy: false };
    default:
      // The stream is whole and goes on in a moment: nothing to be alarmed about.
      if (connection.switching && connection.transport) {
        return { ...base, tone: 'neutral', state: `over to ${TRANSPORT_WORDS[connection.transport]}`, detail: proof };
      }
      return {
        ...base,
        tone: 'neutral',
        state: connection.attempt > 0 ? 'reconnecting' : 'connecting',
        detail: '',
        busy: true,
      };
  }
}

/** How many positions lie between what was read and the head; undefined while either is unknown. */
export function eventsBehind(connection: Pick<ConnectionState, 'head' | 'cursor'>): number | undefined {
  const head = connection.head === undefined ? undefined : parsePosition(connection.head);
  const cursor = connection.cursor === undefined ? undefined : parsePosition(connection.cursor);
  if (!head || !cursor || head.epoch !== cursor.epoch) return undefined;
  return Math.max(0, head.seq - cursor.seq);
}
