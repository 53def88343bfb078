'use client';

import { Pause, Play } from 'lucide-react';
import type { Ref } from 'react';
import { Button } from '@/components/ui/button.tsx';
import { FilterSelect } from '@/components/ui/filter-select.tsx';
import { MultiPicker } from '@/components/ui/multi-picker.tsx';
import { SearchField } from '@/components/ui/search-field.tsx';
import { FILTER_SERVICES_MAX, FILTER_TEXT_CHARS_MAX, type Filter } from '@/lib/core/filter.ts';
import { isLevel, LEVELS } from '@/lib/core/level.ts';
import { serviceColour } from './service-colour.ts';

const LEVEL_OPTIONS = LEVELS.map((level) => ({
  value: level,
  words: level === 'fatal' ? 'fatal only' : `${level} and up`,
}));

type LogToolbarProps = {
  searchRef: Ref<HTMLInputElement>;
  filter: Filter;
  services: readonly string[];
  following: boolean;
  /** `typed` is true while a text is being typed: then the change replaces the entry of the browser's history. */
  onFilter: (filter: Filter, typed: boolean) => void;
  onFollowing: (following: boolean) => void;
};

export function LogToolbar({ searchRef, filter, services, following, onFilter, onFollowing }: LogToolbarProps) {
  const { level: _level, services: _services, q: _q, ...rest } = filter;
  const setLevel = (text: string) => {
    onFilter({ ...rest, ...pick(filter, 'services', 'q'), ...(isLevel(text) && { level: text }) }, false);
  };
  const setServices = (picked: string[]) => {
    onFilter({ ...rest, ...pick(filter, 'level', 'q'), ...(picked.length > 0 && { services: picked }) }, false);
  };
  const setText = (q: string) =>
    onFilter({ ...rest, ...pick(filter, 'level', 'services'), ...(q !== '' && { q }) }, true);
  const Icon = following ? Pause : Play;
  return (
    <search
      aria-label="Filter logs"
      className="flex shrink-0 flex-wrap items-center gap-2 border-line border-b px-2 py-1.5"
    >
      <Button
        onClick={() => onFollowing(!following)}
        aria-keyshortcuts="Space"
        className="w-[5.5rem]"
        data-testid="follow-toggle"
      >
        <Icon size={13} aria-hidden />
        {following ? 'Pause' : 'Follow'}
      </Button>
      <FilterSelect
        label="Minimum level"
        value={filter.level}
        all="All levels"
        options={LEVEL_OPTIONS}
        onChange={setLevel}
      />
      <MultiPicker
        noun="services"
        options={services}
        picked={filter.services ?? []}
        pickedMax={FILTER_SERVICES_MAX}
        colourOf={serviceColour}
        onChange={setServices}
      />
      <SearchField
        ref={searchRef}
        value={filter.q ?? ''}
        label="Search message and attributes"
        placeholder="Search message and attributes  ( / )"
        charsMax={FILTER_TEXT_CHARS_MAX}
        onChange={setText}
      />
    </search>
  );
}

function pick<Name extends keyof Filter>(filter: Filter, ...names: Name[]): Partial<Pick<Filter, Name>> {
  const picked: Partial<Pick<Filter, Name>> = {};
  for (const name of names) if (filter[name] !== undefined) picked[name] = filter[name];
  return picked;
}
