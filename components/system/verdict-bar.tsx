import { CircleCheck, CircleDashed, CircleX, TriangleAlert, Unplug } from 'lucide-react';
import { formatDuration } from '@/components/shell/format-count.ts';
import { TONE_TEXT } from '@/components/ui/badge.tsx';
import type { SystemReport } from '@/lib/wire/system-pages.ts';
import type { SystemVerdict } from './system-verdict.ts';

const ICONS = { good: CircleCheck, warn: TriangleAlert, bad: CircleX, neutral: CircleDashed } as const;
const MINUTE_MS = 60_000;

type VerdictBarProps = { verdict: SystemVerdict; report: SystemReport; lost: boolean };

/** The whole server in one line, with what it is that runs. As high whatever it says, so that nothing below moves. */
export function VerdictBar({ verdict, report, lost }: VerdictBarProps) {
  const { tone, state, reasons } = verdict;
  const Icon = lost ? Unplug : ICONS[tone];
  const colour = lost ? 'text-warn' : TONE_TEXT[tone];
  const [first, ...others] = lost ? ['this is what was known last'] : reasons;
  return (
    <div className="min-w-0 flex-1 basis-80">
      <div className="flex items-center gap-2 min-h-10 md:min-h-6">
        <Icon size={18} aria-hidden className={`shrink-0 ${colour}`} />
        <p data-testid="system-verdict" className="line-clamp-2 min-w-0 text-[15px] leading-5 font-semibold">
          <span className={colour}>{lost ? 'Lost: reconnecting' : state}</span>
          {first && (lost ? `, ${first}` : `: ${first}`)}
        </p>
        {others.length > 0 && <Others reasons={others} />}
        {/* Without the numbers, or a screen reader would be told every second. */}
        <span role="status" className="sr-only">
          {lost ? 'The server cannot be reached, reconnecting' : state}
        </span>
      </div>
      <p className="text-[12px] text-ink-soft">
        Tailrace {report.version} · Node {report.nodeVersion.replace(/^v/, '')} · pid {report.pid} · up{' '}
        {formatUptime(report.nowMs - report.startedMs)} · {report.cores === 1 ? '1 core' : `${report.cores} cores`}
      </p>
    </div>
  );
}

/** Opens over the page: in trouble the number of reasons changes every second. */
function Others({ reasons }: { reasons: readonly string[] }) {
  return (
    <details className="relative shrink-0 text-[12px] text-ink-soft">
      <summary className="list-none rounded border border-line bg-raised px-1.5 py-0.5 whitespace-nowrap hover:bg-hover [&::-webkit-details-marker]:hidden">
        +{reasons.length} more
      </summary>
      <ul className="absolute top-full right-0 z-30 mt-1 w-max max-w-[min(28rem,80vw)] rounded border border-line bg-raised px-3 py-2 text-ink shadow-lg">
        {reasons.map((reason) => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
    </details>
  );
}

/** Seconds only in the first minutes: later a digit that moves every second is unrest without news. */
function formatUptime(uptimeMs: number): string {
  return formatDuration(uptimeMs < 10 * MINUTE_MS ? uptimeMs : Math.floor(uptimeMs / MINUTE_MS) * MINUTE_MS);
}
