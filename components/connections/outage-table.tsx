import { formatClock } from '@/components/logs/log-time.ts';
import { formatCount, formatDuration } from '@/components/shell/format-count.ts';
import { ScrollRegion } from '@/components/ui/scroll-region.tsx';
import { isRoutine } from '@/lib/client/goodbye.ts';
import type { GapNotice, Outage } from '@/lib/client/state.ts';

const HEAD = 'px-3 py-1.5 text-left font-medium text-ink-faint whitespace-nowrap';
const CELL = 'px-3 py-1.5 whitespace-nowrap';

/** Every loss of the connection, newest first, and how it healed. */
export function OutageTable({ outages }: { outages: readonly Outage[] }) {
  if (outages.length === 0) return <Calm>The connection has not been lost since this page was opened.</Calm>;
  return (
    <ScrollRegion label="Reconnects, scrollable" className="overflow-x-auto">
      <table className="w-full text-[12px]">
        <thead>
          <tr>
            {['Lost at', 'Cause', 'Down', 'Catching up', 'Replayed'].map((name) => (
              <th key={name} scope="col" className={HEAD}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...outages].reverse().map((outage) => (
            <tr key={outage.atMs} className="border-line border-t">
              <td className={`${CELL} font-mono`}>{formatClock(outage.atMs, 'local')}</td>
              <td className={`${CELL} w-full min-w-48 whitespace-normal!`}>
                {outage.cause}
                {isRoutine(outage.cause) && <span className="text-ink-faint"> · routine</span>}
              </td>
              <td className={CELL}>{outage.downMs === undefined ? 'still down' : formatDuration(outage.downMs)}</td>
              <td className={CELL}>{outage.catchUpMs === undefined ? '–' : formatDuration(outage.catchUpMs)}</td>
              <td className={`${CELL} text-right`}>{formatCount(outage.replayed)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

const REASONS: Readonly<Record<GapNotice['reason'], string>> = {
  retention: 'their retention was over before they could be read',
  epoch: 'the journal began anew',
  future: 'the journal went back behind what was read',
  malformed: 'the position was not understood',
  'not-stored': 'they were shown before they could be stored, and the server ended before it could',
};

export function GapList({ gaps }: { gaps: readonly GapNotice[] }) {
  if (gaps.length === 0) return <Calm>No gap: every event up to the position above has reached this browser.</Calm>;
  return (
    <ul className="text-[12px]">
      {[...gaps].reverse().map((gap) => (
        <li key={`${gap.atMs} ${gap.from}`} className="border-line border-t px-3 py-1.5 first:border-t-0">
          <span className="font-mono">{formatClock(gap.atMs, 'local')}</span>{' '}
          <strong className="font-semibold text-bad">{formatCount(gap.missed)} events missing</strong>,{' '}
          {REASONS[gap.reason]}
          <span className="font-mono text-ink-faint">
            {' '}
            ({gap.from} → {gap.to})
          </span>
        </li>
      ))}
    </ul>
  );
}

function Calm({ children }: { children: string }) {
  return <p className="px-3 py-3 text-[13px] text-ink-soft">{children}</p>;
}
