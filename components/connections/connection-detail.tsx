'use client';

import type { ReactNode } from 'react';
import { CopyButton } from '@/components/ui/copy-button.tsx';
import { DetailPane } from '@/components/ui/detail-pane.tsx';
import { Skeleton } from '@/components/ui/skeleton.tsx';
import { StepButtons } from '@/components/ui/step-buttons.tsx';
import { ConnectionActions } from './connection-actions.tsx';
import { ConnectionFacts } from './connection-facts.tsx';
import { ConnectionSteps } from './connection-steps.tsx';
import { StateBadge } from './state-badge.tsx';
import { reasonSentence } from './state-looks.ts';
import { useConnectionDetail } from './use-connection-detail.ts';

type ConnectionDetailProps = {
  id: string;
  nowMs: number;
  isOwn: boolean;
  onClose: () => void;
  onStep: (rows: number) => void;
};

/** Everything about one connection. */
export function ConnectionDetail({ id, nowMs, isOwn, onClose, onStep }: ConnectionDetailProps) {
  const { detail, error } = useConnectionDetail(id);
  const row = detail?.row;
  return (
    <DetailPane
      what="Connection"
      testId="connection-detail"
      contentKey={id}
      heading={
        <>
          {row ? <StateBadge row={row} /> : <Skeleton className="h-4 w-16" />}
          {isOwn && <span className="truncate text-accent">this browser</span>}
          <StepButtons what="connection" onStep={onStep} onClose={onClose} />
        </>
      }
    >
      {error !== undefined && (
        <p role="status" className="mb-3 text-[13px] text-warn">
          {error}
        </p>
      )}
      {row?.reason && <Ending>{reasonSentence(row.reason)}</Ending>}
      {detail && <ConnectionActions id={id} isOver={detail.row.state.startsWith('clos')} />}
      {detail && <ConnectionSteps steps={detail.steps} nowMs={nowMs} />}
      {row && <ConnectionFacts row={row} nowMs={nowMs} />}
      {!detail && error === undefined && <Skeleton className="h-40" />}
      {detail && <CopyButton label="JSON" text={() => JSON.stringify(detail, null, 2)} />}
    </DetailPane>
  );
}

function Ending({ children }: { children: ReactNode }) {
  return (
    <p data-testid="close-reason" className="mb-3 rounded border border-line bg-sunken px-2 py-1.5 text-[13px]">
      {children}
    </p>
  );
}
