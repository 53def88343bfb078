'use client';

import { TriangleAlert } from 'lucide-react';
import { useEffect, useMemo, useRef } from 'react';
import { useLogState, useLogs } from '@/lib/client/use-logs.ts';
import type { HistoryPage } from '@/lib/wire/pages.ts';
import { Button } from '@/components/ui/button.tsx';
import { Notice } from '@/components/ui/notice.tsx';
import { useShortcuts } from '@/components/shell/use-shortcuts.ts';
import { LogDetail, type PlacedLog } from './log-detail.tsx';
import { LogEmpty, LogNoMatch } from './log-empty.tsx';
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
  publicUrl: string;
};

export function LogScreen({ page, services, linked, publicUrl }: LogScreenProps) {
  const [filter, setFilter] = useAddressFilter();
  const view = useLogs({ page, filter });
  const state = useLogState(view, (each) => each);
  const { rows, following, unseen, older, loading, error } = state;
  const search = useRef<HTMLInputElement>(null);
  const list = useRef<LogListHandle>(null);
  const selection = useSelection({ rows, list, linked, onPause: () => view.pause() });
  const seenServices = useSeenServices(services, filter.services);

  useEffect(() => view.setFilter(filter), [view, filter]);

  const last = rows.length - 1;
  useShortcuts({
    ' ': () => (following ? view.pause() : view.follow()),
    End: () => view.follow(),
    G: () => view.follow(),
    Home: () => list.current?.reveal(0),
    g: () => list.current?.reveal(0),
    j: () => selection.step(1),
    ArrowDown: () => selection.step(1),
    k: () => selection.step(-1),
    ArrowUp: () => selection.step(-1),
    PageUp: () => list.current?.scrollPage(-1),
    PageDown: () => list.current?.scrollPage(1),
    Enter: selection.openSelected,
    Escape: selection.close,
    '/': () => search.current?.focus(),
  });

  return (
    <>
      <LogToolbar
        searchRef={search}
        {...{ filter, services: seenServices, following }}
        onFilter={setFilter}
        onFollowing={(next) => (next ? view.follow() : view.pause())}
      />
      <div className="relative flex min-h-0 flex-1">
        <div className="relative flex min-h-0 min-w-0 flex-1 flex-col">
          {error !== undefined && <LogError error={error} compact={last >= 0} onRetry={() => view.retry()} />}
          {last >= 0 && (
            <LogList
              ref={list}
              {...{ rows, following, older }}
              search={filter.q ?? ''}
              selectedKey={selection.key}
              onSelect={selection.select}
              onPause={() => view.pause()}
              onFollow={() => view.follow()}
              onOlder={() => view.loadOlder()}
            />
          )}
          {last < 0 && loading && <LogSkeleton />}
          {last < 0 && !loading && error === undefined && (
            <div className="overflow-y-auto">
              {narrows(filter) ? <LogNoMatch onClear={() => setFilter({ kind: 'log' }, false)} /> : <LogEmpty publicUrl={publicUrl} />}
            </div>
          )}
          <NewLinesPill following={following} unseen={unseen} onFollow={() => view.follow()} />
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

/** The server's list when the page was made, and whatever the address names. */
function useSeenServices(services: readonly string[], picked: readonly string[] | undefined): string[] {
  return useMemo(() => [...new Set([...services, ...(picked ?? [])])].sort(), [services, picked]);
}

function LogError({ error, compact, onRetry }: { error: string; compact: boolean; onRetry: () => void }) {
  if (!compact) {
    return (
      <Notice icon={<TriangleAlert size={32} aria-hidden />} title="These lines could not be loaded" actions={<Button look="accent" onClick={onRetry}>Try again</Button>}>
        <p role="alert">{error}</p>
      </Notice>
    );
  }
  return (
    <div role="alert" className="flex shrink-0 items-center gap-3 border-line border-b bg-bad-tint px-3 py-1 text-[13px] text-bad">
      <span className="min-w-0 flex-1">{error}</span>
      <Button onClick={onRetry}>Try again</Button>
    </div>
  );
}
