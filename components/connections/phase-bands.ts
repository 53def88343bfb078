import type { Phase, PhaseChange } from '@/lib/client/state.ts';

export type PhaseBand = {
  readonly phase: Phase;
  readonly fromMs: number;
  readonly toMs: number;
  readonly cause: string;
};

/** Turns changes, newest last, into bands inside a window; the phase before the first change is not known, so not drawn. */
export function phaseBands(changes: readonly PhaseChange[], fromMs: number, toMs: number): PhaseBand[] {
  const bands: PhaseBand[] = [];
  for (const [index, { phase, atMs, cause }] of changes.entries()) {
    const untilMs = changes[index + 1]?.atMs ?? toMs;
    const band = { phase, cause, fromMs: Math.max(atMs, fromMs), toMs: Math.min(untilMs, toMs) };
    if (band.toMs > band.fromMs) bands.push(band);
  }
  return bands;
}

const SPANS_MS = [300_000, 900_000, 3_600_000] as const;

/** The shortest of 5 minutes, 15 minutes and an hour that shows all: seconds of an hour would be invisible. */
export function timelineSpanMs(changes: readonly PhaseChange[], nowMs: number): number {
  const ageMs = nowMs - (changes[0]?.atMs ?? nowMs);
  return SPANS_MS.find((spanMs) => ageMs <= spanMs) ?? SPANS_MS[2];
}

export const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  idle: 'idle',
  connecting: 'connecting',
  replaying: 'catching up',
  live: 'live',
  stale: 'stale',
  waiting: 'reconnecting',
  offline: 'offline',
  closed: 'closed',
};

export const PHASE_COLOURS: Readonly<Record<Phase, string>> = {
  idle: 'var(--line-strong)',
  connecting: 'var(--level-info)',
  replaying: 'var(--level-debug)',
  live: 'var(--good)',
  stale: 'var(--warn)',
  waiting: 'var(--bad)',
  offline: 'var(--ink-faint)',
  closed: 'var(--ink)',
};
