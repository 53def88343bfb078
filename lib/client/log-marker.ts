import type { LogRow } from './state.ts';
import type { Notice } from './stream-batch.ts';

const REASONS = {
  retention: 'their retention was over',
  epoch: 'the journal began anew',
  future: 'the journal went back',
  malformed: 'the position was not understood',
  'not-stored': 'what was shown last had not been stored',
} as const;

/**
 * The row that says what happened between two lines; undefined when there is nothing to tell.
 * @param caughtUp lines that this view received while the stream caught up
 */
export function markerRow(notice: Notice, caughtUp: number, key: string): LogRow | undefined {
  if (notice.kind === 'caught-up') {
    if (notice.downMs === undefined) return undefined;
    const seconds = (notice.downMs / 1000).toFixed(1);
    const lines = `${count(caughtUp)} ${caughtUp === 1 ? 'line' : 'lines'} caught up`;
    const text = `reconnected after ${seconds} s · ${lines} · ${count(notice.lost)} lost`;
    return { kind: 'marker', key, atMs: notice.atMs, marker: 'reconnected', text };
  }
  const { missed, reason, atMs } = notice.gap;
  const events = `${count(missed)} ${missed === 1 ? 'event' : 'events'}`;
  if (notice.kind === 'gap') {
    return { kind: 'marker', key, atMs, marker: 'gap', text: `gap · ${events} missing · ${REASONS[reason]}` };
  }
  const missing = missed > 0 ? ` · ${events} missing` : '';
  return {
    kind: 'marker',
    key,
    atMs,
    marker: 'reset',
    text: `a new journal begins here · ${REASONS[reason]}${missing}`,
  };
}

/** The same on server and browser, whatever their locales are. */
function count(value: number): string {
  return value.toLocaleString('en-US');
}
