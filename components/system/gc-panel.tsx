import { formatValue } from '@/components/metrics/format-unit.ts';
import { formatCount } from '@/components/shell/format-count.ts';
import { GC_BUCKETS_MS, type SystemReport } from '@/lib/wire/system-pages.ts';
import { Calm, Panel } from './panel.tsx';
import { CELL, NUMBER, ROW, Table } from './table.tsx';

const COLUMNS = [
  { name: 'Kind' },
  { name: 'Times', right: true },
  { name: 'Total', right: true },
  { name: 'Mean', right: true },
  { name: 'Pauses of up to … ms', scale: <Scale /> },
];
/** As V8's own log calls them, where that is no word. */
const KIND_WORDS: Readonly<Record<string, string>> = { weakcb: 'weak callbacks' };
const BAR_PX = 22;
/** A bar of one pause among thousands is still seen, and one of none shows where it would stand. */
const BAR_MIN_PX = 2;
const LABELS = [...GC_BUCKETS_MS.map(String), `>${GC_BUCKETS_MS.at(-1)}`];

/** How often each kind of garbage collection has stopped the program, and for how long. */
export function GcPanel({ report: { gc } }: { report: SystemReport }) {
  const count = gc.reduce((sum, each) => sum + each.count, 0);
  return (
    <Panel title="Garbage collection" aside={`${formatCount(count)} since the start`}>
      {gc.length === 0 ? (
        <Calm>No collection yet.</Calm>
      ) : (
        <Table label="Garbage collection" columns={COLUMNS}>
          {gc.map(({ kind, count: times, totalMs, buckets }) => (
            <tr key={kind} className={ROW}>
              <td className={CELL}>{KIND_WORDS[kind] ?? kind}</td>
              <td className={NUMBER}>{formatCount(times)}</td>
              <td className={NUMBER}>{formatValue(totalMs, 'ms')}</td>
              <td className={NUMBER}>{times === 0 ? '–' : formatValue(totalMs / times, 'ms')}</td>
              <td className={CELL}>
                <Histogram buckets={buckets} />
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}

/** Under each bar how long its pauses were at most; the last has no bound. */
function Scale() {
  return (
    <span aria-hidden className="flex gap-px text-[10px] font-normal">
      {LABELS.map((label) => (
        <span key={label} className="w-7 text-center">
          {label}
        </span>
      ))}
    </span>
  );
}

/** Heights go by the square root: few long pauses matter more than many short ones. */
function Histogram({ buckets }: { buckets: readonly number[] }) {
  const most = Math.max(1, ...buckets);
  const told = LABELS.flatMap((label, index) => {
    const count = buckets[index] ?? 0;
    if (count === 0) return [];
    return [`${index < GC_BUCKETS_MS.length ? 'up to ' : ''}${label} ms: ${formatCount(count)}`];
  });
  return (
    <span
      role="img"
      aria-label={told.join(', ') || 'none'}
      title={told.join('\n')}
      style={{ height: BAR_PX }}
      className="flex items-end gap-px"
    >
      {LABELS.map((label, index) => (
        <span
          key={label}
          className={`w-7 ${buckets[index] ? 'rounded-t-sm bg-accent' : 'bg-line'}`}
          style={{ height: Math.max(BAR_MIN_PX, Math.round(BAR_PX * Math.sqrt((buckets[index] ?? 0) / most))) }}
        />
      ))}
    </span>
  );
}
