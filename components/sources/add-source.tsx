'use client';

import { X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button, IconButton } from '@/components/ui/button.tsx';
import { DetailPane } from '@/components/ui/detail-pane.tsx';
import { plain } from '@/components/ui/plain-text.ts';
import type { SourcesPage } from '@/lib/wire/source-pages.ts';
import { beginHearing, type Hearing, hear, heardOf } from './hearing.ts';
import { SenderKey } from './sender-key.tsx';
import type { Guide } from './snippet.ts';
import { SnippetCard } from './snippet-card.tsx';
import type { Place } from './snippet-place.ts';
import { GUIDES } from './snippets.ts';

type AddSourceProps = {
  guide: Guide;
  origin: string;
  frame: SourcesPage;
  token: string | null | undefined;
  onGuide: (id: string) => void;
  onClose: () => void;
};

/** What to copy for each way in, and whether it works: what comes by it is noticed from the moment this is opened. */
export function AddSource({ guide, origin, frame, token, onGuide, onClose }: AddSourceProps) {
  const [hearing, setHearing] = useState<Hearing>(() => beginHearing(frame));
  useEffect(() => setHearing((before) => hear(before, frame)), [frame]);
  const [key, setKey] = useState<string>();
  const place: Place = { origin, ports: frame.doors.ports, scrape: frame.doors.scrape, token: key ?? token };
  return (
    <DetailPane
      what="Add a source"
      testId="add-source"
      contentKey={guide.id}
      isWide
      heading={
        <>
          <h2 className="font-semibold">Add a source</h2>
          <IconButton label="Close (Esc)" className="ml-auto" onClick={onClose}>
            <X size={16} aria-hidden />
          </IconButton>
        </>
      }
    >
      <nav aria-label="Ways in" className="mb-3 flex flex-wrap gap-1.5">
        {GUIDES.map(({ id, name, snippets }) => {
          const protocols = snippets(place).flatMap((snippet) => snippet.protocols);
          const isHeard = heardOf(hearing, frame, protocols) !== undefined;
          return (
            <Button
              key={id}
              aria-pressed={id === guide.id}
              aria-label={isHeard ? `${name}, heard` : undefined}
              className={id === guide.id ? 'border-accent bg-selected font-medium' : 'text-ink-soft'}
              onClick={() => onGuide(id)}
            >
              {isHeard && <span aria-hidden className="size-2 rounded-full bg-good" />}
              {name}
            </Button>
          );
        })}
      </nav>
      <Reach host={frame.doors.host} />
      {token === undefined && <SenderKey isMade={key !== undefined} onMade={setKey} />}
      {guide.snippets(place).map((snippet) => (
        <SnippetCard
          key={snippet.title}
          snippet={snippet}
          isOpen={snippet.door === undefined || frame.doors.ports[snippet.door.name] !== undefined}
          heard={heardOf(hearing, frame, snippet.protocols)}
          nowMs={frame.nowMs}
        />
      ))}
    </DetailPane>
  );
}

const LOOPBACK = /^(localhost|127\.[\d.]+|::1)$/;

/** What keeps senders out that would otherwise look as if they had done something wrong. */
function Reach({ host }: { host: string }) {
  if (!LOOPBACK.test(host)) return null;
  return (
    <p className="mb-3 text-[12px] text-ink-soft">
      This server listens on {plain(host)}: only programs of its own machine reach it.{' '}
      <code>HOST=0.0.0.0 npm start</code> opens it to others.
    </p>
  );
}
