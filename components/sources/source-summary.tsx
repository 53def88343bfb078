'use client';

import { Plus, Send } from 'lucide-react';
import { formatValue } from '@/components/metrics/format-unit.ts';
import { formatCount } from '@/components/shell/format-count.ts';
import { Badge } from '@/components/ui/badge.tsx';
import { Button } from '@/components/ui/button.tsx';
import type { ProtocolTotals, SourcesPage } from '@/lib/wire/source-pages.ts';
import { isRunning, type TestRun } from './test-line.ts';
import { TestLinePanel } from './test-line-panel.tsx';
import { UnchartedNotice } from './uncharted-notice.tsx';

type SourceSummaryProps = {
  frame: SourcesPage;
  isLost: boolean;
  run: TestRun | undefined;
  onTest: () => void;
  onAdd: () => void;
};

/** Everything that comes in, in one line; what can be tried; and what does not go as it should. */
export function SourceSummary({ frame, isLost, run, onTest, onAdd }: SourceSummaryProps) {
  const { protocols, eventsPerSecond, bytesPerSecond, uncharted } = frame;
  const accepted = total(protocols, ({ accepted }) => accepted);
  const refused = total(protocols, ({ rejected, limited, failed }) => rejected + limited + failed);
  const late = total(protocols, (totals) => totals.late);
  return (
    <section aria-label="Summary" className="shrink-0 px-3 pt-2 text-[13px]">
      <div className="grid grid-cols-2 items-center gap-x-4 gap-y-1 md:flex md:flex-wrap">
        <p className="text-base" data-testid="sources-accepted">
          <strong className="font-semibold">{formatCount(accepted)}</strong>{' '}
          <span className="text-ink-soft">events accepted</span>
        </p>
        <p className="text-ink-soft max-md:text-right md:min-w-36">
          {formatValue(Math.round(eventsPerSecond), '')}/s · {formatValue(Math.round(bytesPerSecond), 'By')}/s
        </p>
        <p className={`md:min-w-20 ${refused > 0 ? 'text-bad' : 'text-ink-soft'}`}>{formatCount(refused)} refused</p>
        <p className={`max-md:text-right ${late > 0 ? 'text-warn' : 'text-ink-soft'}`}>{formatCount(late)} late</p>
        <div className="flex flex-wrap gap-2 max-md:col-span-2 max-md:*:flex-1 md:ml-auto">
          <Button disabled={isLost || isRunning(run)} onClick={onTest}>
            <Send size={13} aria-hidden />
            Send a test line
          </Button>
          <Button look="accent" onClick={onAdd}>
            <Plus size={14} aria-hidden />
            Add a source
          </Button>
        </div>
      </div>
      {isLost && (
        <p role="status" className="mt-1">
          <Badge tone="bad">The server cannot be reached: this is how it was. Trying again…</Badge>
        </p>
      )}
      {run && <TestLinePanel run={run} />}
      <UnchartedNotice uncharted={uncharted} />
    </section>
  );
}

function total(protocols: readonly ProtocolTotals[], measure: (totals: ProtocolTotals) => number): number {
  return protocols.reduce((sum, totals) => sum + measure(totals), 0);
}
