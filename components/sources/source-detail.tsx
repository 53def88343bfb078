'use client';

import { formatIso } from '@/components/logs/log-time.ts';
import { useZone } from '@/components/logs/use-zone.ts';
import { formatValue } from '@/components/metrics/format-unit.ts';
import { formatCount, formatCounted } from '@/components/shell/format-count.ts';
import { CopyButton } from '@/components/ui/copy-button.tsx';
import { DetailPane } from '@/components/ui/detail-pane.tsx';
import { type FactRow, Facts } from '@/components/ui/facts.tsx';
import { plain } from '@/components/ui/plain-text.ts';
import { StepButtons } from '@/components/ui/step-buttons.tsx';
import { type SenderError, type SenderRow, type SourcesPage, senderKey } from '@/lib/wire/source-pages.ts';
import { ServiceLinks } from './service-links.tsx';
import { agoWord, errorWord, protocolWord, skewWord } from './source-words.ts';

type SourceDetailProps = {
  /** Of the address: what it names may not be known yet, or no more. */
  openKey: string;
  frame: SourcesPage;
  onClose: () => void;
  onStep: (rows: number) => void;
};

/** Everything about one sender, and the last things that went wrong with it. */
export function SourceDetail({ openKey, frame, onClose, onStep }: SourceDetailProps) {
  const { nowMs, rows, open } = frame;
  const detail = open && senderKey(open.row) === openKey ? open : undefined;
  const row = detail?.row ?? rows.find((each) => senderKey(each) === openKey);
  return (
    <DetailPane
      what="Source"
      testId="source-detail"
      contentKey={openKey}
      heading={
        <>
          <span className="max-w-1/2 shrink-0 truncate font-medium">{row ? protocolWord(row.protocol) : 'Source'}</span>
          <span className="min-w-0 truncate text-ink-soft">{plain(row?.address ?? openKey)}</span>
          <StepButtons what="source" onStep={onStep} onClose={onClose} />
        </>
      }
    >
      {row ? (
        <>
          {detail && <Errors errors={detail.errors} nowMs={nowMs} />}
          <SenderFacts row={row} nowMs={nowMs} uncharted={detail?.uncharted ?? 0} />
          <CopyButton label="JSON" text={() => JSON.stringify(detail ?? row, null, 2)} />
        </>
      ) : (
        <p role="status" className="text-[13px] text-ink-soft">
          Nothing has come from this sender since the server was started, or it is forgotten.
        </p>
      )}
    </DetailPane>
  );
}

function Errors({ errors, nowMs }: { errors: readonly SenderError[]; nowMs: number }) {
  const zone = useZone();
  if (errors.length === 0) return <p className="mb-3 text-[13px] text-ink-soft">Nothing was refused.</p>;
  return (
    <section aria-label="Last errors" className="mb-4">
      <h3 className="mb-1 text-[12px] font-medium text-ink-faint">Last errors, as they were answered</h3>
      <ol className="text-[12px]">
        {errors.map((error) => (
          <li key={`${error.atMs} ${error.says}`} className="border-line border-t py-1">
            <p className="flex gap-2 text-ink-soft">
              <time dateTime={new Date(error.atMs).toISOString()} title={formatIso(error.atMs, zone)}>
                {agoWord(error.atMs, nowMs)}
              </time>
              {error.count > 1 && <span>· {formatCount(error.count)} times</span>}
            </p>
            <p className="font-mono text-bad [overflow-wrap:anywhere] whitespace-pre-wrap">{errorWord(error)}</p>
          </li>
        ))}
      </ol>
    </section>
  );
}

function SenderFacts({ row, nowMs, uncharted }: { row: SenderRow; nowMs: number; uncharted: number }) {
  const zone = useZone();
  const skew = skewWord(row.skewMs);
  const at = (ms: number) => (
    <>
      <span className="block">{formatIso(ms, zone)}</span>
      <span className="block text-ink-soft">{agoWord(ms, nowMs)}</span>
    </>
  );
  const facts: FactRow[] = [
    ['protocol', protocolWord(row.protocol)],
    ['address', plain(row.address)],
    ['credential', plain(row.credential ?? 'none was asked for')],
    ['services', <ServiceLinks key="services" services={row.services} all />],
    ['requests', formatCount(row.requests)],
    ['accepted', `${formatCounted(row.accepted, 'event')}, ${row.eventsPerSecond.toFixed(1)}/s`],
    ['rejected', formatCounted(row.rejected, 'event')],
    ['told to wait', formatCounted(row.limited, 'request')],
    ['failed', formatCounted(row.failed, 'request')],
    ['late', `${formatCounted(row.late, 'event')} older than five minutes`],
    ['cut', `${formatCounted(row.truncated, 'event')} too long`],
    ...(row.notKept
      ? [['not kept', `${formatCounted(row.notKept, 'sample')} without a value, or exemplars`] as const]
      : []),
    ...(uncharted === 0 ? [] : [['not charted', `${formatCounted(uncharted, 'sample')} of its services`] as const]),
    ['received', `${formatValue(row.bytes, 'By')}, ${formatValue(Math.round(row.bytesPerSecond), 'By')}/s`],
    ['clock', skew === undefined ? '–' : `${skew.text} against this server`],
    ['first seen', at(row.firstMs)],
    ['last seen', at(row.lastMs)],
  ];
  return <Facts title="Source" facts={facts} />;
}
