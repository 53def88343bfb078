'use client';

import type { Ref } from 'react';
import { FilterBar } from '@/components/ui/filter-bar.tsx';
import { FilterSelect } from '@/components/ui/filter-select.tsx';
import type { ChangeAddress } from '@/components/ui/use-address.ts';
import { ACTIVITIES, CONNECTION_STATES } from '@/lib/core/connection-state.ts';
import type { ConnectionsAddress } from './connections-url.ts';

const STATES = ['active', ...ACTIVITIES, ...CONNECTION_STATES.filter((state) => state !== 'active')] as const;
const STATE_OPTIONS = STATES.map((state) => ({ value: state, words: state }));

type ConnectionToolbarProps = {
  searchRef: Ref<HTMLInputElement>;
  address: ConnectionsAddress;
  onChange: ChangeAddress<ConnectionsAddress>;
  /** How many rows there are, in words. */
  children: string;
};

/** Which rows: a text, a state, and whether those that have ended are wanted too. */
export function ConnectionToolbar({ searchRef, address, onChange, children }: ConnectionToolbarProps) {
  const pick = (text: string) => {
    const state = STATES.find((each) => each === text);
    // Who asks for closed ones must not get an empty list for the switch beside it.
    onChange({ state, ...(state === 'closed' && { closed: '1' as const }) });
  };
  return (
    <FilterBar
      noun="connections"
      searchRef={searchRef}
      q={address.q}
      searched="Id, address, agent, filter"
      onText={(q) => onChange({ q }, true)}
      count={children}
    >
      <FilterSelect label="State" value={address.state} all="All states" options={STATE_OPTIONS} onChange={pick} />
      <label className="flex h-7 cursor-pointer items-center gap-1.5 text-[13px] text-ink-soft">
        <input
          type="checkbox"
          className="accent-(--accent)"
          checked={address.closed === '1'}
          onChange={(event) => onChange({ closed: event.target.checked ? '1' : '0' })}
        />
        Recently closed too
      </label>
    </FilterBar>
  );
}
