'use client';

import { X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { IconButton } from '@/components/ui/button.tsx';
import { DetailPane } from '@/components/ui/detail-pane.tsx';
import type { SourcesPage } from '@/lib/wire/source-pages.ts';
import { Destination } from './destination.tsx';
import { GuideButtons } from './guide-buttons.tsx';
import { guideState, isOpen } from './guide-state.ts';
import { GuideStatus } from './guide-status.tsx';
import { beginHearing, type Hearing, hear } from './hearing.ts';
import type { Guide } from './snippet.ts';
import { SnippetCard } from './snippet-card.tsx';
import type { Place } from './snippet-place.ts';

type AddSourceProps = {
  guide: Guide;
  origin: string;
  frame: SourcesPage;
  token: string | null | undefined;
  /** It was asked for on this page, not by its address. */
  takesFocus: boolean;
  onGuide: (id: string) => void;
  onClose: () => void;
};

/** What to copy for each way in, and whether it works: what comes by it is noticed from the moment this is opened. */
export function AddSource({ guide, origin, frame, token, takesFocus, onGuide, onClose }: AddSourceProps) {
  const [hearing, setHearing] = useState<Hearing>(() => beginHearing(frame));
  useEffect(() => setHearing((before) => hear(before, frame)), [frame]);
  const [key, setKey] = useState<string>();
  const heading = useFocusWhileOpen(takesFocus);
  const place: Place = { origin, ports: frame.doors.ports, scrape: frame.doors.scrape, token: key ?? token };
  const snippets = guide.snippets(place);
  return (
    <DetailPane
      what="Add a source"
      testId="add-source"
      contentKey={guide.id}
      isWide
      heading={
        <>
          <h2 ref={heading} tabIndex={-1} className="rounded font-semibold">
            Add a source
          </h2>
          <IconButton label="Close (Esc)" className="ml-auto" onClick={onClose}>
            <X size={16} aria-hidden />
          </IconButton>
        </>
      }
    >
      <div className="mb-3">
        <GuideButtons
          open={guide.id}
          stateOf={({ snippets }) => guideState(hearing, frame, snippets(place)).name}
          onGuide={onGuide}
        />
      </div>
      <GuideStatus guide={guide} state={guideState(hearing, frame, snippets)} nowMs={frame.nowMs} />
      <Destination {...{ guide, place }} host={frame.doors.host} onMade={setKey} />
      {snippets.map((snippet) => (
        <SnippetCard key={`${guide.id} ${snippet.title}`} snippet={snippet} isOpen={isOpen(snippet, frame)} />
      ))}
    </DetailPane>
  );
}

/** The keyboard goes on inside what was opened, and afterwards where it was. */
function useFocusWhileOpen(isWanted: boolean) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (!isWanted) return;
    const before = document.activeElement;
    heading.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, [isWanted]);
  return heading;
}
