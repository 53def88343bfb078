'use client';

import { ArrowDown, ArrowUp } from 'lucide-react';
import { type CSSProperties, memo, type ReactNode } from 'react';
import { ScrollRegion } from './scroll-region.tsx';
import type { Sorting } from './sorting.ts';

export type RowColumn<Row, Sort extends string> = {
  readonly name: string;
  readonly title?: string;
  readonly widthPx: number;
  readonly sort?: Sort;
  readonly right?: boolean;
  /** Left out on phones, where the details tell it. */
  readonly isWideOnly?: boolean;
  readonly cell: (row: Row, nowMs: number) => ReactNode;
};

/** What the table must know of a row besides its cells. */
export type RowLook<Row> = {
  /** "connection": each row carries its id as `data-connection`. */
  readonly what: string;
  idOf(row: Row): string;
  /** Names the row's button, for who cannot see the rest of the row. */
  nameOf(row: Row, nowMs: number): string;
  isFaded?(row: Row): boolean;
};

type RowTableProps<Row, Sort extends string> = {
  label: string;
  /** The first one opens the details. These and `look` must keep their identity, or every row is drawn again. */
  columns: readonly RowColumn<Row, Sort>[];
  look: RowLook<Row>;
  rows: readonly Row[];
  nowMs: number;
  sorting: Sorting<Sort>;
  openId: string | undefined;
  /** A row that stands out, such as the reader's own. */
  markedId?: string | undefined;
  onOpen: (id: string) => void;
  onSort: (sort: Sort) => void;
};

/** One row a thing, in the order of the server, which changes at most once a second. Widths are fixed: nothing moves. */
export function RowTable<Row, Sort extends string>(props: RowTableProps<Row, Sort>) {
  const { label, columns, look, rows, nowMs, sorting, openId, markedId, onOpen, onSort } = props;
  const widthOf = (some: typeof columns) => some.reduce((sum, { widthPx }) => sum + widthPx, 0);
  const widths: CSSProperties & Readonly<Record<`--${string}`, string>> = {
    '--wide': `${widthOf(columns)}px`,
    '--narrow': `${widthOf(columns.filter(({ isWideOnly }) => !isWideOnly))}px`,
  };
  return (
    <ScrollRegion
      label={`${label}, scrollable`}
      className="min-h-80 flex-1 overflow-auto border-line border-t -outline-offset-2 max-md:min-h-40 max-md:flex-none"
    >
      <table
        className="w-full min-w-(--narrow) table-fixed border-separate border-spacing-0 text-[12px] md:min-w-(--wide)"
        style={widths}
      >
        <colgroup>
          {columns.map(({ name, widthPx, isWideOnly }) => (
            <col key={name} className={wideOnly(isWideOnly)} style={{ width: widthPx }} />
          ))}
        </colgroup>
        <thead className="sticky top-0 z-10 bg-sunken">
          <tr>
            {columns.map((column) => (
              <Heading key={column.name} {...{ column, sorting, onSort }} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const id = look.idOf(row);
            const marks = { isOpen: id === openId, isMarked: id === markedId };
            return <TableRow key={id} {...{ id, row, columns, look, nowMs, onOpen }} {...marks} />;
          })}
        </tbody>
      </table>
    </ScrollRegion>
  );
}

type HeadingProps<Row, Sort extends string> = Pick<RowTableProps<Row, Sort>, 'sorting' | 'onSort'> & {
  column: RowColumn<Row, Sort>;
};

function Heading<Row, Sort extends string>({ column, sorting, onSort }: HeadingProps<Row, Sort>) {
  const { name, title, sort, right, isWideOnly } = column;
  const sorted = sort !== undefined && sorting.sort === sort;
  const Arrow = sorting.order === 'asc' ? ArrowUp : ArrowDown;
  return (
    <th
      scope="col"
      title={title}
      aria-sort={sorted ? (sorting.order === 'asc' ? 'ascending' : 'descending') : undefined}
      className={`h-7 border-line border-b px-2 font-medium whitespace-nowrap text-ink-soft first:pl-3 ${right ? 'text-right' : 'text-left'} ${wideOnly(isWideOnly)}`}
    >
      {sort === undefined ? (
        <span className="inline-flex align-middle">{name}</span>
      ) : (
        <button
          type="button"
          className={`inline-flex items-center gap-0.5 rounded align-middle hover:text-ink ${right ? 'flex-row-reverse' : ''} ${sorted ? 'text-ink' : ''}`}
          onClick={() => onSort(sort)}
        >
          {name}
          <Arrow size={11} aria-hidden className={sorted ? 'text-accent' : 'opacity-0'} />
        </button>
      )}
    </th>
  );
}

type TableRowProps<Row, Sort extends string> = Pick<
  RowTableProps<Row, Sort>,
  'columns' | 'look' | 'nowMs' | 'onOpen'
> & { id: string; row: Row; isOpen: boolean; isMarked: boolean };

function wideOnly(isWideOnly: boolean | undefined): string {
  return isWideOnly ? 'max-md:hidden' : '';
}

const CELL = 'h-7 overflow-hidden border-line border-b px-2 whitespace-nowrap first:pl-3';

/** The first cell is the row's button: keys and screen readers go by it, a pointer may hit the row anywhere. */
function TableRowOf<Row, Sort extends string>(props: TableRowProps<Row, Sort>) {
  const { id, row, columns, look, nowMs, isOpen, isMarked, onOpen } = props;
  const faded = look.isFaded?.(row) ? 'text-ink-faint' : '';
  return (
    <tr
      {...{ [`data-${look.what}`]: id }}
      aria-current={isOpen ? 'true' : undefined}
      onClick={() => onOpen(id)}
      className={`cursor-default ${faded} ${isOpen ? 'bg-selected' : 'focus-within:bg-hover hover:bg-hover'}`}
    >
      {columns.map(({ name, right, isWideOnly, cell }, index) => (
        <td
          key={name}
          className={`${CELL} ${right ? 'text-right' : ''} ${wideOnly(isWideOnly)} ${isMarked ? 'first:shadow-[inset_3px_0_0_var(--accent)]' : ''}`}
        >
          {index === 0 ? (
            <button
              type="button"
              data-row={id}
              aria-label={look.nameOf(row, nowMs)}
              className="flex h-6 w-full items-center rounded text-left -outline-offset-1"
            >
              {cell(row, nowMs)}
            </button>
          ) : (
            cell(row, nowMs)
          )}
        </td>
      ))}
    </tr>
  );
}

// `memo` forgets the type parameters.
const TableRow = memo(TableRowOf) as typeof TableRowOf;
