import { formatClock } from '@/components/logs/log-time.ts';
import { formatCount, formatDuration } from '@/components/shell/format-count.ts';
import { plain } from '@/components/ui/plain-text.ts';
import type { SystemReport } from '@/lib/wire/system-pages.ts';
import { Calm, Panel } from './panel.tsx';
import { CELL, NUMBER, ROW, Table } from './table.tsx';

const COLUMNS = [{ name: 'At' }, { name: 'Call' }, { name: 'Took', right: true }, { name: 'Detail' }];
/** The same with and without calls: they come when something breaks, and then nothing below should move. */
const LIST_PX = 150;

/** Calls of the history that took too long, and whether they failed then, newest first. */
export function SlowCallPanel({ report: { slowCalls } }: { report: SystemReport }) {
  const newest = slowCalls.toSorted((a, b) => b.atMs - a.atMs);
  return (
    <Panel title="Slow history calls" aside={slowCalls.length > 0 && `${formatCount(slowCalls.length)} kept`}>
      {newest.length === 0 ? (
        <div style={{ height: LIST_PX }}>
          <Calm>No call of the history was slow.</Calm>
        </div>
      ) : (
        <Table label="Slow history calls" columns={COLUMNS} heightPx={LIST_PX}>
          {newest.map((call, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: two calls can be alike in everything
            <tr key={`${call.atMs} ${call.method} ${index}`} className={ROW}>
              <td className={`${CELL} font-mono`}>{formatClock(call.atMs, 'local')}</td>
              <td className={CELL}>{call.method}</td>
              <td className={NUMBER}>{formatDuration(call.tookMs)}</td>
              <td className="w-full min-w-40 px-3 py-1 [overflow-wrap:anywhere]">
                {call.failed && <strong className="font-medium text-bad">failed </strong>}
                {plain(call.detail)}
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}
