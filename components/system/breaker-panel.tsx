import { formatCount, formatDuration } from '@/components/shell/format-count.ts';
import { Badge, TONE_TEXT } from '@/components/ui/badge.tsx';
import { plain } from '@/components/ui/plain-text.ts';
import type { BreakerReport, SystemReport } from '@/lib/wire/system-pages.ts';
import { Calm, Panel } from './panel.tsx';

const STATES = {
  closed: { tone: 'good', means: 'Calls go through.' },
  open: { tone: 'bad', means: 'Calls fail at once, so that nobody waits for what will not come.' },
  'half-open': { tone: 'warn', means: 'A probe decides whether calls go through again.' },
} as const;
const SECOND_MS = 1000;

/** What stands between the server and a dependency that may fail. */
export function BreakerPanel({ report: { breakers, held, nowMs } }: { report: SystemReport }) {
  return (
    <Panel title="Circuit breakers" aside={`${formatCount(held.events)} of ${formatCount(held.eventsMax)} events held`}>
      {breakers.length === 0 && <Calm>No dependency is guarded.</Calm>}
      {breakers.map((breaker) => (
        <Breaker key={breaker.name} breaker={breaker} nowMs={nowMs} />
      ))}
    </Panel>
  );
}

function Breaker({ breaker, nowMs }: { breaker: BreakerReport; nowMs: number }) {
  const { name, state, sinceMs, calls, failures, slow, opened, probeAtMs, lastError } = breaker;
  const { tone, means } = STATES[state];
  const facts = [
    ['Calls in the window', formatCount(calls), ''],
    ['failed', formatCount(failures), failures > 0 ? 'text-bad' : ''],
    ['slow', formatCount(slow), slow > 0 ? 'text-warn' : ''],
    ['Opened', opened === 1 ? 'once' : `${formatCount(opened)} times`, ''],
    ['Next probe', state === 'open' ? probeIn(probeAtMs, nowMs) : '–', ''],
  ] as const;
  return (
    <div className="border-line border-t px-3 py-2 text-[12px] first-of-type:border-t-0">
      <p className="flex flex-wrap items-baseline gap-x-2">
        <strong className="text-[13px] font-medium">{name}</strong>
        <span data-testid={`breaker-${name}`}>
          <Badge tone={tone}>
            <span className={`font-medium ${TONE_TEXT[tone]}`}>{state}</span>
          </Badge>
        </span>
        <span className="text-ink-faint">for {formatDuration(Math.max(SECOND_MS, nowMs - sinceMs))}</span>
        <span className="text-ink-soft">{means}</span>
      </p>
      <dl className="mt-1 flex flex-wrap gap-x-4">
        {facts.map(([term, value, colour]) => (
          <div key={term} className="flex gap-1.5">
            <dt className="text-ink-faint">{term}</dt>
            <dd className={colour}>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-1 min-h-[1.45em] [overflow-wrap:anywhere] text-ink-soft">
        {lastError === undefined ? '' : `Last error: ${plain(lastError)}`}
      </p>
    </div>
  );
}

function probeIn(probeAtMs: number | undefined, nowMs: number): string {
  if (probeAtMs === undefined || probeAtMs <= nowMs) return 'with the next call';
  return `in ${formatDuration(probeAtMs - nowMs)}`;
}
