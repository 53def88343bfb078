'use client';

import { Search, X } from 'lucide-react';
import { type Ref, useCallback, useEffect, useRef, useState } from 'react';
import { ACTIVITIES, CONNECTION_STATES } from '@/lib/core/connection-state.ts';
import type { ConnectionsAddress } from './connections-url.ts';
import type { ChangeAddress } from './use-connections-address.ts';

const SETTLED_MS = 250;
const TEXT_CHARS_MAX = 200;
const STATES = ['active', ...ACTIVITIES, ...CONNECTION_STATES.filter((state) => state !== 'active')] as const;

type ConnectionToolbarProps = {
  searchRef: Ref<HTMLInputElement>;
  address: ConnectionsAddress;
  onChange: ChangeAddress;
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
    <search aria-label="Filter connections" className="flex shrink-0 flex-wrap items-center gap-2 px-3 pb-2">
      <FindField ref={searchRef} value={address.q ?? ''} onChange={(q) => onChange({ q }, true)} />
      <label>
        <span className="sr-only">State</span>
        <select
          value={address.state ?? ''}
          onChange={(event) => pick(event.target.value)}
          className={`h-7 rounded border bg-raised px-1 text-[13px] hover:bg-hover ${address.state ? 'border-accent' : 'border-line'}`}
        >
          <option value="">All states</option>
          {STATES.map((state) => (
            <option key={state} value={state}>
              {state}
            </option>
          ))}
        </select>
      </label>
      <label className="flex h-7 cursor-pointer items-center gap-1.5 text-[13px] text-ink-soft">
        <input
          type="checkbox"
          className="accent-(--accent)"
          checked={address.closed === '1'}
          onChange={(event) => onChange({ closed: event.target.checked ? '1' : '0' })}
        />
        Recently closed too
      </label>
      <p role="status" className="text-[12px] text-ink-faint md:ml-auto">
        {children}
      </p>
    </search>
  );
}

type FindFieldProps = { ref: Ref<HTMLInputElement>; value: string; onChange: (value: string) => void };

/** Reports once the typing rests: every report is another stream from the server. */
function FindField({ ref, value, onChange }: FindFieldProps) {
  const [typed, setTyped] = useState(value);
  const reported = useRef(value);
  const newest = useRef(onChange);
  newest.current = onChange;
  useEffect(() => {
    if (value === reported.current) return;
    reported.current = value;
    setTyped(value);
  }, [value]);
  const report = useCallback((text: string) => {
    setTyped(text);
    if (text === reported.current) return;
    reported.current = text;
    newest.current(text);
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => report(typed), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [typed, report]);
  return (
    <div className="relative min-w-0 flex-1 basis-40 md:max-w-md">
      <Search
        size={14}
        aria-hidden
        className="pointer-events-none absolute top-1/2 left-2 -translate-y-1/2 text-ink-faint"
      />
      <input
        ref={ref}
        type="search"
        aria-label="Find connections"
        placeholder="Id, address, agent, filter  ( / )"
        value={typed}
        maxLength={TEXT_CHARS_MAX}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => setTyped(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter') report(typed);
          if (event.key !== 'Escape') return;
          // Emptied at once: a change of the address some moments later would undo a change of screen begun meanwhile.
          event.preventDefault();
          event.currentTarget.blur();
          report('');
        }}
        className="h-7 w-full appearance-none rounded border border-line bg-raised pr-7 pl-7 text-[13px] placeholder:text-ink-faint [&::-webkit-search-cancel-button]:hidden"
      />
      {typed !== '' && (
        <button
          type="button"
          aria-label="Clear"
          className="absolute top-0.5 right-0.5 flex size-6 items-center justify-center rounded text-ink-faint hover:bg-hover hover:text-ink"
          onClick={() => report('')}
        >
          <X size={13} aria-hidden />
        </button>
      )}
    </div>
  );
}
