'use client';

import { useState } from 'react';
import { AdminOutcome } from '@/components/ui/admin-outcome.tsx';
import { Button } from '@/components/ui/button.tsx';
import { ConfirmDialog } from '@/components/ui/confirm-dialog.tsx';
import { useAdminAction } from '@/components/ui/use-admin-action.ts';
import { adminRequest } from '@/lib/client/admin-request.ts';
import { useWhyNot } from '@/lib/client/visitor-provider.tsx';

/** What an operator can do to one connection. */
export function ConnectionActions({ id, isOver }: { id: string; isOver: boolean }) {
  const [asking, setAsking] = useState(false);
  const { outcome, run } = useAdminAction();
  const whyNot = useWhyNot('operate');
  const end = (kick: boolean, done: string) => {
    run(() => adminRequest('POST', `/api/connections/${encodeURIComponent(id)}/disconnect`, { kick }), done);
  };
  const disabled = isOver || outcome.kind === 'busy' || whyNot !== undefined;
  return (
    <div className="mb-3 flex flex-col gap-2">
      <div className="flex gap-2">
        <Button
          disabled={disabled}
          title={whyNot ?? 'The client comes back and resumes where it was'}
          onClick={() => end(false, 'Disconnected. The client comes back and resumes where it was.')}
        >
          Disconnect
        </Button>
        <Button
          disabled={disabled}
          title={whyNot ?? 'The client is told not to come back'}
          onClick={() => setAsking(true)}
        >
          Kick…
        </Button>
      </div>
      <AdminOutcome outcome={outcome} />
      <ConfirmDialog
        open={asking}
        title="Kick this client?"
        action="Kick"
        onConfirm={() => end(true, 'Kicked. The client was told not to come back.')}
        onClose={() => setAsking(false)}
      >
        <p>
          It is told to stay away, and shows nothing new until somebody reconnects it by hand. To have it come back and
          resume, disconnect it instead.
        </p>
      </ConfirmDialog>
    </div>
  );
}
