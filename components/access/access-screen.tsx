'use client';

import { useState } from 'react';
import { Calm } from '@/components/system/panel.tsx';
import { AccountPanel } from './account-panel.tsx';
import { AuditPanel } from './audit-panel.tsx';
import { SessionPanel } from './session-panel.tsx';
import { TokenPanel } from './token-panel.tsx';
import { useAccess } from './use-access.ts';

/** Who may come in: tokens and keys, accounts, browsers that have logged in; and what was done about it. */
export function AccessScreen() {
  const [hasLogins, setHasLogins] = useState(true);
  const { page, audit, error, reload } = useAccess(hasLogins);
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-3 overflow-auto p-3">
      {error && (
        <p role="alert" className="text-[13px] text-bad">
          {error}
        </p>
      )}
      {page ? (
        <>
          <TokenPanel tokens={page.tokens} onChange={reload} />
          <AccountPanel accounts={page.accounts} onChange={reload} />
          <SessionPanel sessions={page.sessions} onChange={reload} />
          <AuditPanel entries={audit} hasLogins={hasLogins} onLogins={setHasLogins} />
        </>
      ) : (
        !error && <Calm>Asking the server…</Calm>
      )}
    </div>
  );
}
