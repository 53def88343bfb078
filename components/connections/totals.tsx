import { formatValue } from '@/components/metrics/format-unit.ts';
import { formatCount } from '@/components/shell/format-count.ts';
import type { ConnectionState } from '@/lib/client/state.ts';

/** Counted since this page was opened. */
export function Totals({ connection }: { connection: ConnectionState }) {
  const totals = [
    ['Received', formatCount(connection.received), false],
    ['Replayed', formatCount(connection.replayed), false],
    ['Lost', formatCount(connection.lost), connection.lost > 0],
    ['Repeated', formatCount(connection.repeated), connection.repeated > 0],
    ['Bytes', formatValue(connection.bytes, 'By'), false],
    ['Reconnects', formatCount(connection.reconnects), false],
  ] as const;
  return (
    <dl className="grid grid-cols-2 gap-2 sm:grid-cols-3 lg:grid-cols-6">
      {totals.map(([name, value, bad]) => (
        <div key={name} className="rounded-md border border-line bg-raised px-3 py-2">
          <dt className="text-[12px] text-ink-faint">{name}</dt>
          <dd
            className={`text-base font-semibold ${bad ? 'text-bad' : ''}`}
            data-testid={`total-${name.toLowerCase()}`}
          >
            {value}
          </dd>
        </div>
      ))}
    </dl>
  );
}
