import { formatValue } from '@/components/metrics/format-unit.ts';
import type { SystemReport } from '@/lib/wire/system-pages.ts';
import { Panel } from './panel.tsx';
import { Bar, CELL, NUMBER, ROW, Table } from './table.tsx';

const COLUMNS = [
  { name: 'Space' },
  { name: 'Used', right: true },
  { name: 'Size', right: true },
  { name: 'Share of the heap used' },
];

/** V8's heap by space, in V8's own order: rows that change places cannot be read. */
export function HeapPanel({ report: { heapSpaces } }: { report: SystemReport }) {
  const usedBytes = heapSpaces.reduce((sum, space) => sum + space.usedBytes, 0);
  const sizeBytes = heapSpaces.reduce((sum, space) => sum + space.sizeBytes, 0);
  return (
    <Panel
      title="Heap spaces"
      aside={`${formatValue(usedBytes, 'By')} used of ${formatValue(sizeBytes, 'By')} reserved`}
    >
      <Table label="Heap spaces" columns={COLUMNS}>
        {heapSpaces.map((space) => (
          <tr key={space.name} className={ROW}>
            <td className={CELL}>{space.name.replace(/_space$/, '').replaceAll('_', ' ')}</td>
            <td className={NUMBER}>{formatValue(space.usedBytes, 'By')}</td>
            <td className={`${NUMBER} text-ink-soft`}>{formatValue(space.sizeBytes, 'By')}</td>
            <td className={`${CELL} w-1/3`}>
              <Bar share={usedBytes === 0 ? 0 : space.usedBytes / usedBytes} />
            </td>
          </tr>
        ))}
      </Table>
    </Panel>
  );
}
