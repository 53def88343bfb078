import { durationMs } from './duration.ts';

export const TIMED_STAGES = ['ramp', 'hold', 'cool'] as const;
export type TimedStage = (typeof TIMED_STAGES)[number];

/** `settle`: nothing is sent any more and every viewer must get what there is; `after`: all are gone, so must be their cost. */
export const STAGES = ['warm', 'ramp', 'hold', 'settle', 'cool', 'after'] as const;
export type Stage = (typeof STAGES)[number];

export type StageTimes = Readonly<Record<TimedStage, number>>;

const STAGE_MS_MAX = 24 * 3_600_000;

/** Reads `ramp=20s,hold=60s,cool=10s`; what is not named stays as it was. Throws a sentence. */
export function parseStages(text: string, defaults: StageTimes): StageTimes {
  const times: Record<TimedStage, number> = { ...defaults };
  for (const part of text.split(',')) {
    const [name = '', length = ''] = part.split('=').map((piece) => piece.trim());
    const stage = TIMED_STAGES.find((known) => known === name);
    const ms = durationMs(length);
    if (!stage || ms === undefined || ms > STAGE_MS_MAX) {
      throw new Error(`--stage: expected such as "ramp=20s,hold=1m,cool=10s", got "${part}"`);
    }
    times[stage] = ms;
  }
  return times;
}

/** Share of the viewers that should be there, after so long in a stage: up and down in a straight line. */
export function shareAt(stage: Stage, inStageMs: number, times: StageTimes): number {
  const progress = (lengthMs: number): number => (lengthMs <= 0 ? 1 : Math.min(1, inStageMs / lengthMs));
  switch (stage) {
    case 'warm':
    case 'after':
      return 0;
    case 'ramp':
      return progress(times.ramp);
    case 'cool':
      return 1 - progress(times.cool);
    default:
      return 1;
  }
}

/** When in the hold stage the storms break, in ms: evenly spread, one in the middle. */
export function stormTimes(storms: number, holdMs: number): number[] {
  return Array.from({ length: storms }, (_, index) => ((index + 1) * holdMs) / (storms + 1));
}
