import { formatValue } from '@/components/metrics/format-unit.ts';
import { formatDuration } from '@/components/shell/format-count.ts';
import { type FAULT_NAMES, type Fault, faultSchema } from '@/lib/wire/chaos.ts';

export type FaultName = (typeof FAULT_NAMES)[number];
export type HistoryMode = Extract<Fault, { fault: 'history' }>['mode'];
export const HISTORY_MODES: readonly HistoryMode[] = ['down', 'slow', 'kill'];

/** A number that a fault takes. Shown times `factor`: a share is sent as 0.5 and typed as 50 %. */
type Field = {
  readonly key: 'share' | 'seconds' | 'delayMs' | 'bytesPerSecond' | 'stallMs';
  readonly label: string;
  readonly unit: string;
  readonly min: number;
  readonly max: number;
  readonly factor: number;
};

const SHARE: Field = { key: 'share', label: 'Share', unit: '%', min: 1, max: 100, factor: 100 };
const SECONDS: Field = { key: 'seconds', label: 'For', unit: 's', min: 0.1, max: 600, factor: 1 };
const DELAY: Field = { key: 'delayMs', label: 'By', unit: 'ms', min: 1, max: 60_000, factor: 1 };
const RATE: Field = { key: 'bytesPerSecond', label: 'To', unit: 'bytes/s', min: 1, max: 1e9, factor: 1 };
const STALL: Field = { key: 'stallMs', label: 'For', unit: 'ms', min: 1, max: 30_000, factor: 1 };

export type FaultForm = {
  readonly title: string;
  readonly means: string;
  readonly button: string;
  readonly fields: readonly Field[];
};

export const FAULT_FORMS: Readonly<Record<FaultName, FaultForm>> = {
  cut: {
    title: 'Cut connections',
    means: 'Broken off in the middle, without a goodbye. Clients come back and resume.',
    button: 'Cut',
    fields: [SHARE],
  },
  delay: {
    title: 'Delay frames',
    means: 'Every frame is held back, as on a bad line.',
    button: 'Delay',
    fields: [SHARE, DELAY, SECONDS],
  },
  throttle: {
    title: 'Throttle',
    means: 'A connection gets so many bytes a second; it falls behind and catches up later.',
    button: 'Throttle',
    fields: [SHARE, RATE, SECONDS],
  },
  duplicate: {
    title: 'Send twice',
    means: 'Frames with events are sent twice. Clients must notice and say so.',
    button: 'Send twice',
    fields: [SHARE, SECONDS],
  },
  history: {
    title: 'Break the history',
    means: 'Down: every call fails. Slow: every call takes longer. Kill: its thread dies once.',
    button: 'Break',
    fields: [DELAY, SECONDS],
  },
  'stall-loop': {
    title: 'Stall the event loop',
    means: 'The whole server stands still, this page with it.',
    button: 'Stall',
    fields: [STALL],
  },
};

/** Which numbers a mode of the history's fault takes. */
export function takes(field: Field, name: FaultName, mode: HistoryMode): boolean {
  if (name !== 'history') return true;
  return mode !== 'kill' && (field.key === 'seconds' || mode === 'slow');
}

/** What stands in a field at first: the contract's own default. */
export function defaultOf(name: FaultName, { key, factor }: Field): number {
  const defaults: Readonly<Record<string, unknown>> = faultSchema.parse({ fault: name, mode: 'down' });
  return Number(defaults[key]) * factor;
}

/** The fault that was filled in, or undefined when the contract does not allow it. Fields that are absent keep their default. */
export function faultOf(name: FaultName, typed: { get(key: string): unknown }): Fault | undefined {
  const numbers = FAULT_FORMS[name].fields.flatMap(({ key, factor }) => {
    const text = typed.get(key);
    return typeof text === 'string' ? [[key, text.trim() === '' ? Number.NaN : Number(text) / factor]] : [];
  });
  const mode = typed.get('mode');
  const parsed = faultSchema.safeParse({
    fault: name,
    ...(typeof mode === 'string' && { mode }),
    ...Object.fromEntries(numbers),
  });
  return parsed.success ? parsed.data : undefined;
}

/** "frames of 50 % of the connections held back 1 s" */
export function faultSentence(fault: Fault): string {
  switch (fault.fault) {
    case 'cut':
      return `${connections(fault.share)} cut`;
    case 'delay':
      return `frames to ${connections(fault.share)} held back ${formatDuration(fault.delayMs)}`;
    case 'throttle':
      return `${connections(fault.share)} throttled to ${formatValue(fault.bytesPerSecond, 'By/s')}`;
    case 'duplicate':
      return `events to ${connections(fault.share)} sent twice`;
    case 'history':
      return fault.mode === 'slow' ? `history slower by ${formatDuration(fault.delayMs)}` : `history ${fault.mode}`;
    case 'stall-loop':
      return `event loop stalled for ${formatDuration(fault.stallMs)}`;
  }
}

function connections(share: number): string {
  return share === 1 ? 'all connections' : `${Math.round(share * 100)} % of the connections`;
}
