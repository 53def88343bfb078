'use client';

import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Calm, Panel } from '@/components/system/panel.tsx';
import { ACTIONS, CELL, ROW, Table } from '@/components/system/table.tsx';
import { Button } from '@/components/ui/button.tsx';
import { Dialog } from '@/components/ui/dialog.tsx';
import { plain } from '@/components/ui/plain-text.ts';
import type { AccountRow } from '@/lib/wire/access-pages.ts';
import { AccountForm } from './account-form.tsx';
import { Removal } from './removal.tsx';
import { when } from './when.ts';

const COLUMNS = ['Name', 'Role', 'Made', 'Made by', ''];

/** People who log in with a password. */
export function AccountPanel({ accounts, onChange }: { accounts: readonly AccountRow[]; onChange: () => void }) {
  /** `new`, the account that is changed, or none. */
  const [editing, setEditing] = useState<AccountRow | 'new'>();
  const done = () => {
    setEditing(undefined);
    onChange();
  };
  return (
    <Panel
      title="Accounts"
      aside={
        <Button onClick={() => setEditing('new')}>
          <Plus size={13} aria-hidden />
          New account
        </Button>
      }
    >
      {accounts.length === 0 ? (
        <Calm>None yet. An account is somebody who logs in with a password.</Calm>
      ) : (
        <Table label="Accounts" columns={COLUMNS.map((name) => ({ name }))}>
          {accounts.map((account) => (
            <tr key={account.id} className={ROW}>
              <td className={CELL}>{plain(account.username)}</td>
              <td className={CELL}>{account.role}</td>
              <td className={CELL}>{when(account.createdMs)}</td>
              <td className={CELL}>{plain(account.createdBy)}</td>
              <td className={ACTIONS}>
                <Button look="quiet" aria-label={`Change ${account.username}`} onClick={() => setEditing(account)}>
                  Change…
                </Button>
                <Removal
                  action="Remove"
                  of={account.username}
                  url={`/api/access/accounts/${account.id}`}
                  onDone={onChange}
                >
                  <p>It is logged out everywhere within seconds, and cannot log in any more.</p>
                </Removal>
              </td>
            </tr>
          ))}
        </Table>
      )}
      <Dialog
        open={editing !== undefined}
        title={editing === 'new' || !editing ? 'New account' : `Change ${editing.username}`}
        onClose={() => setEditing(undefined)}
      >
        <AccountForm account={editing === 'new' ? undefined : editing} onDone={done} />
      </Dialog>
    </Panel>
  );
}
