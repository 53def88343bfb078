'use client';

import { TriangleAlert } from 'lucide-react';
import { useEffect, useMemo, useRef } from 'react';
import { useShortcuts } from '@/components/shell/use-shortcuts.ts';
import type { SenderPlace } from '@/components/sources/snippet-place.ts';
import { Button } from '@/components/ui/button.tsx';
import { NoMatch } from '@/components/ui/no-match.tsx';
import { Notice } from '@/components/ui/notice.tsx';
import { useServices } from '@/lib/client/use-connection.ts';
import { useLogState, useLogs } from '@/lib/client/use-logs.ts';
import { filterKey } from '@/lib/core/filter.ts';
import type { HistoryPage } from '@/lib/wire/pages.ts';
import { LogDetail, type PlacedLog } from './log-detail.tsx';
import { LogEmpty } from './log-empty.tsx';
import { LogList, type LogListHandle } from './log-list.tsx';
import { LogSkeleton } from './log-skeleton.tsx';
import { LogToolbar } from './log-toolbar.tsx';
import { narrows } from './log-url.ts';
import { NewLinesPill } from './new-lines-pill.tsx';
import { useAddressFilter } from './use-address-filter.ts';
import { useSelection } from './use-selection.ts';

type LogScreenProps = {
  page: HistoryPage;
  services: readonly string[];
  linked: PlacedLog | undefined;
  place: SenderPlace;
};

export function LogScreen({ page, services, linked, place }: LogScreenProps) {
  const [filter, setFilter] = useAddressFilter();
  const view = useLogs({ page, filter });
  const empty = useLogState(view, (state) => state.rows.length === 0);
  const following = useLogState(view, (state) => state.following);
  const loading = useLogState(view, (state) => state.loading);
  const error = useLogState(view, (state) => state.error);
  const search = useRef<HTMLInputElement>(null);
  const list = useRef<LogListHandle>(null);
  const selection = useSelection({ rows: () => view.state.getState().rows, list, linked, onPause: view.pause });
  const known = useKnownServices(services, filter.services);

  // The page was made for the filter it was opened with; asking again would blink.
  const applied = useRef(filterKey(filter));
  useEffect(() => {
    const key = filterKey(filter);
    if (key === applied.current) return;
    applied.current = key;
    view.setFilter(filter);
  }, [view, filter]);

  useShortcuts([
    ['Space', () => (following ? view.pause() : view.follow())],
    ['End G', () => view.follow()],
    ['Home g', () => list.current?.reveal(0)],
    ['j ArrowDown', () => selection.step(1)],
    ['k ArrowUp', () => selection.step(-1)],
    ['PageUp', () => list.current?.scrollPage(-1)],
    ['PageDown', () => list.current?.scrollPage(1)],
    ['Enter', selection.openSelected],
    ['Escape', selection.close],
    ['/', () => search.current?.focus()],
  ]);

  return (
    <>
      <LogToolbar
        searchRef={search}
        {...{ filter, services: known, following }}
        onFilter={setFilter}
        onFollowing={(next) => (next ? view.follow() : view.pause())}
      />
      <div className="flex min-h-0 flex-1 max-lg:flex-col">
        <div className="relative flex min-h-0 min-w-0 flex-1 flex-col">
          {error !== undefined && <LogError error={error} compact={!empty} onRetry={() => view.retry()} />}
          {!empty && (
            <LogList
              ref={list}
              view={view}
              search={filter.q ?? ''}
              selectedKey={selection.key}
              onSelect={selection.select}
            />
          )}
          {empty && loading && <LogSkeleton />}
          {empty && !loading && error === undefined && (
            <div className="overflow-y-auto">
              {narrows(filter) ? (
                <NoMatch
                  title="No line matches this filter"
                  action="Clear the filter"
                  onClear={() => setFilter({ kind: 'log' }, false)}
                >
                  The stream goes on: a line that matches appears here as soon as it arrives.
                </NoMatch>
              ) : (
                <LogEmpty place={place} />
              )}
            </div>
          )}
          <NewLinesPill view={view} />
        </div>
        {selection.open && (
          <LogDetail
            event={selection.open}
            search={filter.q ?? ''}
            onClose={selection.close}
            onStep={selection.step}
            onService={(service) => setFilter({ ...filter, services: [service] }, false)}
          />
        )}
      </div>
    </>
  );
}

/** The server's list when the page was made, what has been seen since, and whatever the address names. */
function useKnownServices(services: readonly string[], picked: readonly string[] | undefined): string[] {
  const seen = useServices();
  return useMemo(() => [...new Set([...services, ...seen, ...(picked ?? [])])].sort(), [services, seen, picked]);
}

function LogError({ error, compact, onRetry }: { error: string; compact: boolean; onRetry: () => void }) {
  if (!compact) {
    return (
      <Notice
        icon={<TriangleAlert size={32} aria-hidden />}
        title="These lines could not be loaded"
        actions={
          <Button look="accent" onClick={onRetry}>
            Try again
          </Button>
        }
      >
        <p role="alert">{error}</p>
      </Notice>
    );
  }
  return (
    <div
      role="alert"
      className="flex shrink-0 items-center gap-3 border-line border-b bg-bad-tint px-3 py-1 text-[13px] text-bad"
    >
      <span className="min-w-0 flex-1">{error}</span>
      <Button onClick={onRetry}>Try again</Button>
    </div>
  );
}
