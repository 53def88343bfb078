'use client';

import { useState } from 'react';
import { formatCount } from '@/components/shell/format-count.ts';
import { AdminOutcome } from '@/components/ui/admin-outcome.tsx';
import { Badge } from '@/components/ui/badge.tsx';
import { Button } from '@/components/ui/button.tsx';
import { ConfirmDialog } from '@/components/ui/confirm-dialog.tsx';
import { useAdminAction } from '@/components/ui/use-admin-action.ts';
import { adminRequest } from '@/lib/client/admin-request.ts';
import { useWhyNot } from '@/lib/client/visitor-provider.tsx';
import type { ConnectionSummary } from '@/lib/wire/connection-pages.ts';
import { herdSentence } from './connection-words.ts';

type SummaryBarProps = { summary: ConnectionSummary; isLost: boolean };

/** All connections in one line, and the way to send them all away. */
export function SummaryBar({ summary, isLost }: SummaryBarProps) {
  const { open, connectionsMax, refusedTotal, openedTotal, draining } = summary;
  const [asking, setAsking] = useState(false);
  const { outcome, run } = useAdminAction();
  const whyNot = useWhyNot('operate');
  const drain = () => run(() => adminRequest('POST', '/api/connections/drain'), 'Every client is being told goodbye.');
  return (
    <section aria-label="Summary" className="shrink-0 px-3 pt-2 text-[13px]">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <p className="text-base" data-testid="connections-open">
          <strong className="font-semibold">{formatCount(open)}</strong> open{' '}
          <span className="text-ink-soft">of {formatCount(connectionsMax)}</span>
        </p>
        <p className="text-ink-soft">{formatCount(openedTotal)} opened in all</p>
        <p className={refusedTotal > 0 ? 'text-warn' : 'text-ink-soft'}>{formatCount(refusedTotal)} refused</p>
        <Herd herd={summary.herd} />
        <div className="ml-auto">
          <Button
            disabled={draining || outcome.kind === 'busy' || whyNot !== undefined}
            title={whyNot}
            onClick={() => setAsking(true)}
          >
            Drain all…
          </Button>
        </div>
      </div>
      {draining && (
        <p role="status" className="mt-1">
          <Badge tone="warn">Draining: no new connection is taken until the server is started again.</Badge>
        </p>
      )}
      {isLost && (
        <p role="status" className="mt-1">
          <Badge tone="bad">The server cannot be reached: this is how it was. Trying again…</Badge>
        </p>
      )}
      <div className="mt-1 empty:hidden">
        <AdminOutcome outcome={outcome} />
      </div>
      <ConfirmDialog
        open={asking}
        title={`Drain ${formatCount(open)} ${open === 1 ? 'connection' : 'connections'}?`}
        action="Drain all"
        onConfirm={drain}
        onClose={() => setAsking(false)}
      >
        <p className="mb-2">
          Every client gets a goodbye and resumes exactly where it was: elsewhere, or here after a restart.
        </p>
        <p>
          <strong className="font-semibold text-ink">New connections are refused until this server is restarted</strong>
          , this page&rsquo;s own among them. It cannot be taken back.
        </p>
      </ConfirmDialog>
    </section>
  );
}

function Herd({ herd }: { herd: ConnectionSummary['herd'] }) {
  const sentence = herdSentence(herd);
  if (!sentence) return null;
  return (
    <p
      className="text-ink-soft"
      title="After the last burst of arrivals: how even the return was. 1× is perfectly even; a crowd that comes all at once shows here."
    >
      {sentence}
    </p>
  );
}
