import type { ReactNode } from 'react';
import { ScrollRegion } from '@/components/ui/scroll-region.tsx';

/** `right` for numbers; `scale` stands under the name, for what is drawn in the cells. */
export type Column = { readonly name: string; readonly right?: boolean; readonly scale?: ReactNode };

type TableProps = { label: string; columns: readonly Column[]; heightPx?: number; children: ReactNode };

/** A dense table that scrolls in itself where the window is narrow or the rows are many. */
export function Table({ label, columns, heightPx, children }: TableProps) {
  return (
    <ScrollRegion
      label={`${label}, scrollable`}
      style={heightPx === undefined ? undefined : { height: heightPx }}
      className="overflow-auto"
    >
      <table className="w-full text-[12px]">
        <thead className="sticky top-0 bg-raised">
          <tr>
            {columns.map(({ name, right, scale }) => (
              <th
                key={name}
                scope="col"
                className={`px-3 py-1 align-top font-medium whitespace-nowrap text-ink-faint ${right ? 'text-right' : 'text-left'}`}
              >
                {name}
                {scale}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </ScrollRegion>
  );
}

export const ROW = 'border-line border-t';
export const CELL = 'px-3 py-1 whitespace-nowrap';
/** At the right edge also where the table is wider than the window: what can be done must not have to be found. */
export const ACTIONS = `${CELL} sticky right-0 bg-raised text-right shadow-[-6px_0_6px_var(--raised)]`;
export const NUMBER = `${CELL} text-right`;

/** A share of something as a bar; the number stands beside it, so it is not told twice. */
export function Bar({ share, colour = 'var(--accent)' }: { share: number; colour?: string }) {
  return (
    <span aria-hidden className="block h-1.5 w-full min-w-12 overflow-hidden rounded-sm bg-line">
      <span
        className="block h-full"
        style={{ width: `${Math.min(1, Math.max(0, share)) * 100}%`, background: colour }}
      />
    </span>
  );
}
