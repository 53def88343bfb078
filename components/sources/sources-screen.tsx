'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import { useShortcuts } from '@/components/shell/use-shortcuts.ts';
import { FilterBar } from '@/components/ui/filter-bar.tsx';
import { NoMatch } from '@/components/ui/no-match.tsx';
import { useAddress } from '@/components/ui/use-address.ts';
import { useOrigin } from '@/components/ui/use-origin.ts';
import { focusRow, revealRow, useRowKeys } from '@/components/ui/use-row-keys.ts';
import { useWatch } from '@/lib/client/use-watch.ts';
import { type SourcesPage, senderKey } from '@/lib/wire/source-pages.ts';
import { sourcesFrameSchema } from '@/lib/wire/source-query.ts';
import { AddSource } from './add-source.tsx';
import { RateMemory } from './rate-memory.ts';
import type { SenderPlace } from './snippet-place.ts';
import { GUIDE_DEFAULT, guideOf } from './snippets.ts';
import { SourceDetail } from './source-detail.tsx';
import { SourceSummary } from './source-summary.tsx';
import { SourceTable } from './source-table.tsx';
import { shownSentence } from './source-words.ts';
import { SourcesEmpty } from './sources-empty.tsx';
import { SourcesSkeleton } from './sources-skeleton.tsx';
import { readAddress, watchUrl, writeAddress } from './sources-url.ts';
import { useTestLine } from './use-test-line.ts';

/** Everybody who sends, once a second; what became of it; and how to send more. */
export function SourcesScreen({ publicUrl, token }: SenderPlace) {
  const [address, change] = useAddress(readAddress, writeAddress);
  const [rates] = useState(() => new RateMemory());
  const noteRates = useCallback((frame: SourcesPage) => rates.note(frame.rows), [rates]);
  const { frame, status } = useWatch<SourcesPage>(watchUrl(address), 'sources', sourcesFrameSchema, noteRates);
  const [run, sendTest] = useTestLine(frame?.head);
  const origin = useOrigin(publicUrl);
  const search = useRef<HTMLInputElement>(null);
  const guide = address.add === undefined ? undefined : guideOf(address.add);
  const open = useCallback((key: string) => change({ open: key, add: undefined }), [change]);
  const ids = (frame?.rows ?? []).map(senderKey);
  const step = useRowKeys(ids, address.open, (key) => change({ open: key }, true));
  const isAsked = useRef(false);
  const add = (id: string = GUIDE_DEFAULT) => {
    isAsked.current = true;
    change({ add: id });
  };
  const close = () => {
    if (guide) return change({ add: undefined });
    if (address.open === undefined) return;
    focusRow(address.open);
    change({ open: undefined });
  };
  useShortcuts([
    ['j ArrowDown', () => step(1)],
    ['k ArrowUp', () => step(-1)],
    ['Escape', close],
    ['a', () => add()],
    ['t', sendTest],
    ['/', () => search.current?.focus()],
  ]);
  // The details take room from the table, and may cover the very row that was opened.
  const isShown = frame !== undefined;
  useEffect(() => {
    if (isShown && address.open !== undefined) revealRow(address.open);
  }, [isShown, address.open]);
  if (!frame) return <SourcesSkeleton isLost={status === 'lost'} />;
  const { rows, nowMs } = frame;
  return (
    <div className="flex min-h-0 flex-1 max-lg:flex-col">
      <div className="flex min-h-0 min-w-0 flex-1 flex-col overflow-y-auto">
        <SourceSummary {...{ frame, run }} isLost={status === 'lost'} onTest={sendTest} onAdd={() => add()} />
        <FilterBar
          noun="sources"
          searchRef={search}
          q={address.q}
          searched="Protocol, address, service, error"
          onText={(q) => change({ q }, true)}
          count={shownSentence(frame)}
        />
        {rows.length > 0 ? (
          <SourceTable {...{ rows, nowMs, address, rates }} onOpen={open} onSort={change} />
        ) : address.q === undefined ? (
          <SourcesEmpty onAdd={guide ? undefined : add} />
        ) : (
          <NoMatch title="No source matches" action="Show all" onClear={() => change({ q: undefined })}>
            One that does appears here within a second.
          </NoMatch>
        )}
      </div>
      {guide ? (
        <AddSource
          {...{ guide, origin, frame, token }}
          takesFocus={isAsked.current}
          onGuide={(id) => change({ add: id }, true)}
          onClose={close}
        />
      ) : (
        address.open !== undefined && (
          <SourceDetail openKey={address.open} {...{ frame }} onClose={close} onStep={step} />
        )
      )}
    </div>
  );
}
