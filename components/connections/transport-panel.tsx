'use client';

import { useEffect, useState } from 'react';
import { Segmented } from '@/components/ui/segmented.tsx';
import type { ConnectionState } from '@/lib/client/state.ts';
import { useTailrace } from '@/lib/client/tailrace-provider.tsx';
import { TRANSPORT_WISHES, type TransportWish } from '@/lib/client/transport-try.ts';
import { TRANSPORT_MEANINGS, TRANSPORT_WORDS } from '@/lib/client/transport-words.ts';
import { Panel } from './panel.tsx';
import { TryTable } from './try-table.tsx';
import { switchesSentence } from './try-words.ts';

const WORDS: Readonly<Record<TransportWish, string>> = { ...TRANSPORT_WORDS, automatic: 'Automatic' };

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

type TransportPanelProps = { connection: ConnectionState; nowMs: number };

/** By what this browser reads its stream, why, what else was tried, and the choice of it. */
export function TransportPanel({ connection, nowMs }: TransportPanelProps) {
  const client = useTailrace();
  const { transport, wish = 'automatic', why, tried, switches } = connection;
  // What was pressed shows at once; the tab that holds the stream may be another one, and answers a moment later.
  const [asked, setAsked] = useState<TransportWish>();
  useEffect(() => setAsked((now) => (now === wish ? undefined : now)), [wish]);
  const change = (next: TransportWish) => {
    const url = new URL(window.location.href);
    if (next === 'automatic') url.searchParams.delete('transport');
    else url.searchParams.set('transport', next);
    // A choice is nothing to go back to: the stream goes on in either case.
    window.history.replaceState(null, '', url);
    setAsked(next === wish ? undefined : next);
    client.chooseTransport(next);
  };
  return (
    <Panel title="Transport">
      <div className="flex flex-wrap items-start gap-x-4 gap-y-2 px-3 py-2.5">
        <div className="min-w-0 flex-1 basis-72">
          <p className="text-[13px]" data-testid="transport">
            <strong className="font-semibold">{transport ? TRANSPORT_WORDS[transport] : 'none yet'}</strong>
            {why && <span className="text-ink-soft">, because {why}.</span>}
          </p>
          <p className="mt-0.5 text-[12px] text-ink-faint">
            {transport && `${capital(TRANSPORT_MEANINGS[transport])}. `}
            {switchesSentence(switches)}
          </p>
        </div>
        {/* All five fit a phone. */}
        <div className="max-w-full overflow-x-auto max-sm:[&_fieldset]:text-[12px] max-sm:[&_label]:px-1.5">
          <Segmented
            label="Transport"
            value={asked ?? wish}
            options={TRANSPORT_WISHES}
            words={WORDS}
            onChange={change}
          />
        </div>
      </div>
      <TryTable tried={tried} nowMs={nowMs} />
    </Panel>
  );
}
