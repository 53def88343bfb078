'use client';

import { AdminToken } from './admin-token.tsx';
import type { AdminOutcome as Outcome } from './use-admin-action.ts';

/** How an operator's action went, in a sentence; where a token is wanted, the field for it. */
export function AdminOutcome({ outcome }: { outcome: Outcome }) {
  if (outcome.kind === 'failed' && outcome.retry) {
    return <AdminToken onEntered={outcome.retry}>{outcome.sentence}</AdminToken>;
  }
  if (outcome.kind === 'failed') {
    return (
      <p role="alert" className="text-[13px] text-bad">
        {outcome.sentence}
      </p>
    );
  }
  return (
    <p role="status" className="text-[13px] text-ink-soft empty:hidden">
      {outcome.kind === 'done' ? outcome.sentence : outcome.kind === 'busy' ? 'Asking the server…' : ''}
    </p>
  );
}
