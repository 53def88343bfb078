import { CLOSE_REASONS, type CloseReason } from '@/lib/core/close-reason.ts';
import type { Activity, ConnectionState } from '@/lib/core/connection-state.ts';
import type { ConnectionRow } from '@/lib/wire/connection-pages.ts';
import { PHASE_COLOURS } from './phase-bands.ts';

/** What a connection is shown as: what it does while it is active, else its state. */
export type Shown = Exclude<ConnectionState, 'active'> | 'active' | Activity;

/** The colours of a browser's phases where they mean the same; in the order of a connection's life. */
export const STATE_COLOURS: Readonly<Record<Shown, string>> = {
  connecting: PHASE_COLOURS.connecting,
  connected: PHASE_COLOURS.connecting,
  authenticating: PHASE_COLOURS.connecting,
  active: PHASE_COLOURS.live,
  replaying: PHASE_COLOURS.replaying,
  live: PHASE_COLOURS.live,
  lagging: PHASE_COLOURS.stale,
  idle: PHASE_COLOURS.idle,
  closing: PHASE_COLOURS.waiting,
  closed: PHASE_COLOURS.offline,
};

export const STATE_MEANINGS: Readonly<Record<Shown, string>> = {
  connecting: 'asked for, nothing written yet',
  connected: 'the transport is open',
  authenticating: 'finding out who asks',
  active: 'being served',
  replaying: 'catching up with the journal for the first time',
  live: 'at the head of the journal',
  lagging: 'fallen behind: the client reads more slowly than events come',
  idle: 'nothing that its filter lets through has come for a while',
  closing: 'the goodbye is on its way',
  closed: 'everything it held is free',
};

export function shownState({ state, activity }: Pick<ConnectionRow, 'state' | 'activity'>): Shown {
  return state === 'active' && activity ? activity : state;
}

/** "heartbeat missed" */
export function reasonWord(reason: string): string {
  return reason.replaceAll('-', ' ');
}

/** "2004 idle: nothing was sent for longer than an idle stream is kept. The client comes back and resumes where it was." */
export function reasonSentence(reason: CloseReason): string {
  const { code, says, reconnect } = CLOSE_REASONS[reason];
  const then = reconnect
    ? 'The client may come back and resume where it was.'
    : 'The client was told not to come back.';
  return `${code} ${reasonWord(reason)}: ${says}. ${then}`;
}
