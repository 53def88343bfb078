'use client';

import type { ReactNode } from 'react';
import { CopyButton } from '@/components/ui/copy-button.tsx';
import { plain } from '@/components/ui/plain-text.ts';
import { ScrollRegion } from '@/components/ui/scroll-region.tsx';
import { StepButtons } from '@/components/ui/step-buttons.tsx';
import type { Flag, LogEvent, PlacedEvent } from '@/lib/core/event.ts';
import { stripAnsi } from '@/lib/core/strip-ansi.ts';
import { ColouredText } from './coloured-text.tsx';
import { Highlight } from './highlight.tsx';
import { LevelWord } from './level-label.tsx';
import { attributeText, plainRuns } from './log-line.ts';
import { formatIso, type Zone } from './log-time.ts';
import { serviceColour } from './service-colour.ts';
import { useZone } from './use-zone.ts';

export type PlacedLog = LogEvent & Pick<PlacedEvent, 'position' | 'durable'>;

const FLAGS: Readonly<Record<Flag, string>> = {
  'time-before-1970': 'Its time is before 1970.',
  'time-in-future': 'Its time is in the future: the clock of the sender may be wrong.',
  'control-characters': 'It held control characters, which are shown as pictures.',
};

type LogDetailProps = {
  event: PlacedLog;
  search: string;
  onClose: () => void;
  onStep: (rows: number) => void;
  onService: (service: string) => void;
};

/** Everything about one line: at the right on wide screens, a sheet from the bottom on phones. */
export function LogDetail({ event, search, onClose, onStep, onService }: LogDetailProps) {
  const zone = useZone();
  return (
    <aside
      aria-label="Line details"
      data-testid="log-detail"
      className="z-10 flex min-h-0 flex-col border-line bg-raised max-lg:h-3/5 max-lg:shrink-0 max-lg:rounded-t-xl max-lg:border-t max-lg:shadow-2xl lg:w-[min(30rem,38vw)] lg:shrink-0 lg:border-l"
    >
      <div className="flex h-10 shrink-0 items-center gap-2 border-line border-b px-3 text-[13px]">
        <LevelWord level={event.level} />
        <button
          type="button"
          className="flex min-w-0 items-center gap-1.5 rounded px-1 hover:bg-hover"
          title="Show only this service"
          onClick={() => onService(event.service)}
        >
          <span aria-hidden className="h-3.5 w-1 rounded-sm" style={{ background: serviceColour(event.service) }} />
          <bdi className="truncate">{plain(event.service)}</bdi>
        </button>
        <StepButtons what="line" onStep={onStep} onClose={onClose} />
      </div>
      <ScrollRegion label="Line content" className="min-h-0 flex-1 overflow-y-auto p-3 -outline-offset-2">
        <pre
          dir="auto"
          className="mb-3 font-mono text-[12px] leading-[18px] [overflow-wrap:anywhere] whitespace-pre-wrap"
        >
          <ColouredText runs={plainRuns(event.message)} search={search} />
        </pre>
        <div className="mb-4 flex flex-wrap gap-1.5">
          <CopyButton label="Message" text={() => stripAnsi(event.message)} />
          <CopyButton label="JSON" text={() => JSON.stringify(event, null, 2)} />
          <CopyButton label="Link" text={() => `${location.origin}/logs?at=${encodeURIComponent(event.position)}`} />
        </div>
        <Attributes event={event} search={search} />
        <Facts event={event} zone={zone} />
      </ScrollRegion>
    </aside>
  );
}

function Attributes({ event, search }: { event: PlacedLog; search: string }) {
  const entries = Object.entries(event.attributes ?? {});
  if (entries.length === 0) return null;
  return (
    <FactTable title={`Attributes (${entries.length})`}>
      {entries.map(([key, value]) => (
        <Fact key={key} name={plain(key)}>
          <Highlight text={attributeText(value)} search={search} />
        </Fact>
      ))}
    </FactTable>
  );
}

function Facts({ event, zone }: { event: PlacedLog; zone: Zone }) {
  return (
    <FactTable title="Line">
      <Fact name="time">{formatIso(Date.parse(event.time), zone)}</Fact>
      <Fact name="position">{event.position}</Fact>
      {event.traceId && <Fact name="traceId">{plain(event.traceId)}</Fact>}
      {event.spanId && <Fact name="spanId">{plain(event.spanId)}</Fact>}
      {event.durable === false && <Fact name="noticed">Delivered before it was stored: the history was away.</Fact>}
      {event.flags?.map((flag) => (
        <Fact key={flag} name="noticed">
          {FLAGS[flag]}
        </Fact>
      ))}
    </FactTable>
  );
}

function FactTable({ title, children }: { title: string; children: ReactNode }) {
  return (
    <table className="mb-4 w-full table-fixed text-[12px]">
      <caption className="mb-1 text-left font-medium text-ink-faint">{title}</caption>
      <tbody>{children}</tbody>
    </table>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <tr className="border-line border-t align-top">
      <th
        scope="row"
        className="w-2/5 py-1 pr-3 text-left font-mono font-normal [overflow-wrap:anywhere] text-ink-soft"
      >
        <bdi>{name}</bdi>
      </th>
      <td dir="auto" className="py-1 text-left font-mono [overflow-wrap:anywhere] whitespace-pre-wrap">
        {children}
      </td>
    </tr>
  );
}
