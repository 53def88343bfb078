import { formatClock } from '@/components/logs/log-time.ts';
import { formatCount } from '@/components/shell/format-count.ts';
import { plain } from '@/components/ui/plain-text.ts';
import type { SystemReport } from '@/lib/wire/system-pages.ts';
import { Panel } from './panel.tsx';
import { CELL, NUMBER, ROW, Table } from './table.tsx';

const COLUMNS = [{ name: 'At' }, { name: 'Owner' }, { name: 'Kind' }, { name: 'Count', right: true }];
const LIST_PX = 110;

/** What is held now by somebody, and what was still held by somebody who is gone. */
export function LedgerPanel({ report: { ledger } }: { report: SystemReport }) {
  const { held, leaked, leaks } = ledger;
  return (
    <Panel
      title="Resource ledger"
      aside={
        <strong data-testid="leaked" className={`font-semibold ${leaked === 0 ? 'text-good' : 'text-bad'}`}>
          leaked {formatCount(leaked)}
        </strong>
      }
    >
      <dl className="grid grid-cols-2 gap-x-4 gap-y-0.5 px-3 py-2 text-[12px] sm:grid-cols-4">
        {Object.entries(held).map(([kind, count]) => (
          <div key={kind} className="flex justify-between gap-2">
            <dt className="truncate text-ink-faint">{kind}</dt>
            <dd>{formatCount(count)}</dd>
          </div>
        ))}
      </dl>
      {leaks.length > 0 && (
        <Table label="Leaks" columns={COLUMNS} heightPx={LIST_PX}>
          {leaks.toReversed().map((leak, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: one owner can leak alike more than once
            <tr key={`${leak.atMs} ${leak.owner} ${leak.kind} ${index}`} className={ROW}>
              <td className={`${CELL} font-mono`}>{formatClock(leak.atMs, 'local')}</td>
              <td className={CELL}>{plain(leak.owner)}</td>
              <td className={CELL}>{leak.kind}</td>
              <td className={NUMBER}>{formatCount(leak.count)}</td>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}
