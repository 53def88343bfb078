'use client';

import { formatClock } from '@/components/logs/log-time.ts';
import { useZone } from '@/components/logs/use-zone.ts';
import { formatDuration } from '@/components/shell/format-count.ts';
import { STEPS_MAX } from '@/lib/core/connection-state.ts';
import type { ConnectionDetail } from '@/lib/wire/connection-pages.ts';
import { formatAge } from './connection-words.ts';
import { STATE_COLOURS, shownState } from './state-looks.ts';

type ConnectionStepsProps = { steps: ConnectionDetail['steps']; nowMs: number };

/** The life of a connection, newest first: where it went, why, and how long it stayed. */
export function ConnectionSteps({ steps, nowMs }: ConnectionStepsProps) {
  const zone = useZone();
  return (
    <section aria-label="Timeline" className="mb-4">
      <h3 className="mb-1 text-[12px] font-medium text-ink-faint">Timeline</h3>
      <ol className="text-[12px]">
        {steps
          .map((step, index) => {
            const shown = shownState(step);
            const until = steps[index + 1]?.atMs;
            const isLast = until === undefined;
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: two steps may be alike, and a row keeps nothing of its own
              <li key={index} className="flex gap-2 pb-2 last:pb-0">
                <span aria-hidden className="flex w-2.5 shrink-0 flex-col items-center gap-1 pt-1">
                  <span className="size-2.5 shrink-0 rounded-full" style={{ background: STATE_COLOURS[shown] }} />
                  {index > 0 && <span className="-mb-2 w-px flex-1 bg-line-strong" />}
                </span>
                <div className="min-w-0 flex-1">
                  <div className="flex items-baseline gap-2">
                    <span className="font-medium">{shown}</span>
                    <time className="font-mono text-[11px] text-ink-faint">{formatClock(step.atMs, zone)}</time>
                    <span className="ml-auto whitespace-nowrap text-ink-soft">
                      {shown === 'closed'
                        ? ''
                        : isLast
                          ? `for ${formatAge(nowMs - step.atMs)}`
                          : formatDuration(until - step.atMs)}
                    </span>
                  </div>
                  <p className="[overflow-wrap:anywhere] text-ink-soft">{step.cause}</p>
                </div>
              </li>
            );
          })
          .reverse()}
      </ol>
      {steps.length >= STEPS_MAX && (
        <p className="mt-1 text-[12px] text-ink-faint">The first step and the newest {STEPS_MAX - 1} are kept.</p>
      )}
    </section>
  );
}
