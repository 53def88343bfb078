import type { ReactNode } from 'react';

export type Tone = 'good' | 'warn' | 'bad' | 'neutral';

export const TONE_TEXT: Readonly<Record<Tone, string>> = {
  good: 'text-good',
  warn: 'text-warn',
  bad: 'text-bad',
  neutral: 'text-ink-soft',
};

type BadgeProps = { tone: Tone; pulsing?: boolean; children: ReactNode };

/** A dot and words: the dot is never the only carrier of the meaning. */
export function Badge({ tone, pulsing = false, children }: BadgeProps) {
  return (
    <span className="inline-flex min-w-0 items-center gap-1.5 text-[13px] whitespace-nowrap">
      <span
        aria-hidden
        className={`size-2 shrink-0 rounded-full bg-current ${TONE_TEXT[tone]} ${pulsing ? 'pulse-soft' : ''}`}
      />
      {children}
    </span>
  );
}
