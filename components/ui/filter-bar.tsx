'use client';

import type { ReactNode, Ref } from 'react';
import { SearchField } from './search-field.tsx';

const TEXT_CHARS_MAX = 200;

type FilterBarProps = {
  /** What is looked for, in the plural: "sources". */
  noun: string;
  searchRef: Ref<HTMLInputElement>;
  q: string | undefined;
  /** What is searched: "Protocol, address, service". */
  searched: string;
  onText: (q: string) => void;
  /** How many rows there are, in words. */
  count: string;
  /** Further choices, beside the text. */
  children?: ReactNode;
};

/** What stands above a table: which rows are wanted, and how many there are. */
export function FilterBar({ noun, searchRef, q, searched, onText, count, children }: FilterBarProps) {
  return (
    <search aria-label={`Filter ${noun}`} className="flex shrink-0 flex-wrap items-center gap-2 px-3 py-2">
      <SearchField
        ref={searchRef}
        value={q ?? ''}
        label={`Find ${noun}`}
        placeholder={`${searched}  ( / )`}
        charsMax={TEXT_CHARS_MAX}
        className="md:max-w-md"
        onChange={onText}
      />
      {children}
      <p role="status" className="text-[12px] text-ink-faint md:ml-auto">
        {count}
      </p>
    </search>
  );
}
