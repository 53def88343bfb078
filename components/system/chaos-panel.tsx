'use client';

import { TriangleAlert } from 'lucide-react';
import { formatCount, formatDuration } from '@/components/shell/format-count.ts';
import { AdminToken } from '@/components/ui/admin-token.tsx';
import { Button } from '@/components/ui/button.tsx';
import { useWhyNot } from '@/lib/client/visitor-provider.tsx';
import { type ChaosReport, FAULT_NAMES } from '@/lib/wire/chaos.ts';
import { faultSentence } from './fault-forms.ts';
import { FaultRow } from './fault-row.tsx';
import { Calm, Panel } from './panel.tsx';
import type { Chaos } from './use-chaos.ts';

export const CHAOS_ID = 'faults-on-purpose';

type ChaosPanelProps = { enabled: boolean; chaos: Chaos; nowMs: number };

/** Breaks each thing on purpose, so that one can watch the page see it, and the clients heal from it. */
export function ChaosPanel({ enabled, chaos, nowMs }: ChaosPanelProps) {
  const whyNot = useWhyNot('operate');
  if (!enabled) {
    return (
      <Panel title="Faults on purpose">
        <Calm>
          Off. Start the server with <code className="font-mono text-[12px]">TAILRACE_CHAOS=1 npm start</code> to break
          connections and the history from here, and to watch how everything heals.
        </Calm>
      </Panel>
    );
  }
  const { report, said, refused, inject, heal } = chaos;
  const busy = chaos.busy || whyNot !== undefined;
  const active = report?.active ?? [];
  return (
    <Panel
      id={CHAOS_ID}
      warning
      title="Faults on purpose"
      aside={`${formatCount(report?.injected ?? 0)} since the start of the server`}
    >
      <p className="flex items-center gap-2 border-line border-b px-3 py-1.5 text-[13px]">
        <TriangleAlert size={14} aria-hidden className="shrink-0 text-warn" />
        {whyNot ?? 'This harms everybody who is connected to this server'}.
      </p>
      {refused && (
        <div className="border-line border-b p-3">
          <AdminToken onEntered={refused.again}>{refused.text}</AdminToken>
        </div>
      )}
      <div className="flex min-h-10 flex-wrap items-center gap-x-3 gap-y-1 border-line border-b px-3 py-1.5 text-[13px]">
        <ActiveFaults active={active} nowMs={nowMs} />
        <p
          role="status"
          data-testid="chaos-said"
          className={`ml-auto ${said?.ok === false ? 'text-bad' : 'text-ink-soft'}`}
        >
          {said?.text}
        </p>
        <Button onClick={heal} disabled={busy || active.length === 0}>
          Heal all
        </Button>
      </div>
      {FAULT_NAMES.map((name) => (
        <FaultRow key={name} name={name} busy={busy} onInject={inject} />
      ))}
    </Panel>
  );
}

function ActiveFaults({ active, nowMs }: { active: ChaosReport['active']; nowMs: number }) {
  if (active.length === 0) return <p className="text-ink-soft">No fault is active.</p>;
  return (
    <ul aria-label="Active faults" className="min-w-0">
      {active.map(({ id, fault, untilMs }) => (
        <li key={id}>
          <span className="font-medium text-warn">{faultSentence(fault)}</span>{' '}
          <span className="text-ink-soft">heals in {countdown(untilMs - nowMs)}</span>
        </li>
      ))}
    </ul>
  );
}

/** In whole seconds: it moves once a second, and tenths would only flicker. */
function countdown(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  return seconds < 60 ? `${seconds} s` : formatDuration(seconds * 1000);
}
