'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import { formatCounted } from '@/components/shell/format-count.ts';
import { useShortcuts } from '@/components/shell/use-shortcuts.ts';
import type { SenderPlace } from '@/components/sources/snippet-place.ts';
import { NoMatch } from '@/components/ui/no-match.tsx';
import { useAddress } from '@/components/ui/use-address.ts';
import { focusRow, revealRow, useRowKeys } from '@/components/ui/use-row-keys.ts';
import { useConnection } from '@/lib/client/use-connection.ts';
import { useWatch } from '@/lib/client/use-watch.ts';
import { type ConnectionFrame, type ConnectionSample, connectionFrameSchema } from '@/lib/wire/connection-pages.ts';
import { ConnectionCharts } from './connection-charts.tsx';
import { ConnectionDetail } from './connection-detail.tsx';
import { addSamples } from './connection-lines.ts';
import { ConnectionSkeleton } from './connection-skeleton.tsx';
import { ConnectionTable } from './connection-table.tsx';
import { ConnectionTabs } from './connection-tabs.tsx';
import { ConnectionToolbar } from './connection-toolbar.tsx';
import { shownSentence } from './connection-words.ts';
import { ConnectionsEmpty } from './connections-empty.tsx';
import { narrows, readAddress, watchUrl, writeAddress } from './connections-url.ts';
import { SummaryBar } from './summary-bar.tsx';

/** Every connection of the server, once a second, and what can be done about them. */
export function ConnectionsScreen({ place }: { place: SenderPlace }) {
  const [address, change] = useAddress(readAddress, writeAddress);
  const [samples, setSamples] = useState<readonly ConnectionSample[]>([]);
  const takeSamples = useCallback((frame: ConnectionFrame, isFirst: boolean) => {
    setSamples((before) => addSamples(before, frame.samples, isFirst));
  }, []);
  const { frame, status } = useWatch(watchUrl(address), 'connections', connectionFrameSchema, takeSamples);
  const ownId = useConnection((connection) => connection.connectionId);
  const search = useRef<HTMLInputElement>(null);
  const rows = frame?.rows ?? [];
  const open = useCallback((id: string) => change({ id }), [change]);
  const close = () => {
    if (address.id === undefined) return;
    focusRow(address.id);
    change({ id: undefined });
  };
  const ids = rows.map(({ id }) => id);
  const step = useRowKeys(ids, address.id, (id) => change({ id }, true));
  useShortcuts([
    ['j ArrowDown', () => step(1)],
    ['k ArrowUp', () => step(-1)],
    ['Escape', close],
    ['/', () => search.current?.focus()],
  ]);
  // The details take room from the table, and may cover the very row that was opened.
  const isShown = frame !== undefined;
  useEffect(() => {
    if (isShown && address.id !== undefined) revealRow(address.id);
  }, [isShown, address.id]);
  if (!frame) return <Waiting isLost={status === 'lost'} />;
  const { summary } = frame;
  const showAll = () => change({ state: undefined, q: undefined });
  return (
    <>
      <ConnectionTabs />
      <div className="flex min-h-0 flex-1 max-lg:flex-col">
        <div className="flex min-h-0 min-w-0 flex-1 flex-col overflow-y-auto">
          <SummaryBar summary={summary} isLost={status === 'lost'} />
          <ConnectionCharts samples={samples} />
          <ConnectionToolbar searchRef={search} address={address} onChange={change}>
            {shownSentence(rows.length, summary) ?? formatCounted(rows.length, 'connection')}
          </ConnectionToolbar>
          {rows.length > 0 ? (
            <ConnectionTable {...{ rows, address, ownId }} nowMs={summary.nowMs} onOpen={open} onSort={change} />
          ) : narrows(address) ? (
            <NoMatch title="No connection matches" action="Show all" onClear={showAll}>
              One that does appears here within a second.
            </NoMatch>
          ) : (
            <ConnectionsEmpty place={place} />
          )}
        </div>
        {address.id !== undefined && (
          <ConnectionDetail
            id={address.id}
            nowMs={summary.nowMs}
            isOwn={address.id === ownId}
            onClose={close}
            onStep={step}
          />
        )}
      </div>
    </>
  );
}

function Waiting({ isLost }: { isLost: boolean }) {
  return (
    <>
      <ConnectionTabs />
      {isLost && (
        <p role="status" className="px-3 pt-2 text-[13px] text-bad">
          The server does not tell of its connections now. Trying again…
        </p>
      )}
      <ConnectionSkeleton />
    </>
  );
}
