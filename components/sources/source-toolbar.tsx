'use client';

import type { Ref } from 'react';
import { SearchField } from '@/components/ui/search-field.tsx';
import type { ChangeAddress } from '@/components/ui/use-address.ts';
import type { SourcesAddress } from './sources-url.ts';

const TEXT_CHARS_MAX = 200;

type SourceToolbarProps = {
  searchRef: Ref<HTMLInputElement>;
  address: SourcesAddress;
  onChange: ChangeAddress<SourcesAddress>;
  /** How many rows there are, in words. */
  children: string;
};

export function SourceToolbar({ searchRef, address, onChange, children }: SourceToolbarProps) {
  return (
    <search aria-label="Filter sources" className="flex shrink-0 flex-wrap items-center gap-2 px-3 py-2">
      <SearchField
        ref={searchRef}
        value={address.q ?? ''}
        label="Find sources"
        placeholder="Protocol, address, service, error  ( / )"
        charsMax={TEXT_CHARS_MAX}
        className="md:max-w-md"
        onChange={(q) => onChange({ q }, true)}
      />
      <p role="status" className="text-[12px] text-ink-faint md:ml-auto">
        {children}
      </p>
    </search>
  );
}
