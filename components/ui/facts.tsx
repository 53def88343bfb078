import type { ReactNode } from 'react';

export type FactRow = readonly [name: string, value: ReactNode];

/** Names and values, one below the other. */
export function Facts({ title, facts }: { title: string; facts: readonly FactRow[] }) {
  return (
    <table className="mb-4 w-full table-fixed text-[12px]">
      <caption className="mb-1 text-left font-medium text-ink-faint">{title}</caption>
      <tbody>
        {facts.map(([name, value]) => (
          <tr key={name} className="border-line border-t align-top">
            <th scope="row" className="w-28 py-1 pr-3 text-left font-normal text-ink-soft">
              {name}
            </th>
            <td className="py-1 [overflow-wrap:anywhere]">{value}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
