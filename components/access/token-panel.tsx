'use client';

import { Plus } from 'lucide-react';
import { useState } from 'react';
import { Calm, Panel } from '@/components/system/panel.tsx';
import { ACTIONS, CELL, ROW, Table } from '@/components/system/table.tsx';
import { Button } from '@/components/ui/button.tsx';
import { Dialog } from '@/components/ui/dialog.tsx';
import { plain } from '@/components/ui/plain-text.ts';
import type { TokenRow } from '@/lib/wire/access-pages.ts';
import { Removal } from './removal.tsx';
import { TokenForm } from './token-form.tsx';
import { when } from './when.ts';

const COLUMNS = ['Name', 'Role', 'Limited to', 'Begins with', 'Expires', 'Last used', 'Made by', ''];

/** Tokens of programs and people, and the keys of those that only send. */
export function TokenPanel({ tokens, onChange }: { tokens: readonly TokenRow[]; onChange: () => void }) {
  const [making, setMaking] = useState(false);
  const close = () => {
    setMaking(false);
    onChange();
  };
  return (
    <Panel
      title="Tokens and ingest keys"
      aside={
        <Button onClick={() => setMaking(true)}>
          <Plus size={13} aria-hidden />
          New token
        </Button>
      }
    >
      {tokens.length === 0 ? (
        <Calm>
          None yet. A program sends one as “Authorization: Bearer …”; an ingest key may send, and nothing else.
        </Calm>
      ) : (
        <Table label="Tokens and ingest keys" columns={COLUMNS.map((name) => ({ name }))}>
          {tokens.map((token) => (
            <Row key={token.id} token={token} onChange={onChange} />
          ))}
        </Table>
      )}
      <Dialog open={making} title="New token" onClose={close}>
        <TokenForm onDone={close} />
      </Dialog>
    </Panel>
  );
}

function Row({ token, onChange }: { token: TokenRow; onChange: () => void }) {
  const { id, name, role, hint, expiresMs, usedMs, createdBy, revokedMs } = token;
  const isOver = revokedMs !== null || (expiresMs !== null && expiresMs <= Date.now());
  return (
    <tr className={`${ROW} ${isOver ? 'text-ink-faint' : ''}`} data-testid={`token-${name}`}>
      <td className={CELL}>{plain(name)}</td>
      <td className={CELL}>{role}</td>
      <td className={`${CELL} max-w-60 truncate`} title={limitOf(token)}>
        {limitOf(token)}
      </td>
      <td className={`${CELL} font-mono`}>{hint}</td>
      <td className={CELL}>{revokedMs === null ? when(expiresMs) : `revoked ${when(revokedMs)}`}</td>
      <td className={CELL}>{when(usedMs)}</td>
      <td className={CELL}>{plain(createdBy)}</td>
      <td className={ACTIONS}>
        {!isOver && (
          <Removal action="Revoke" of={name} url={`/api/access/tokens/${id}`} onDone={onChange}>
            <p>Whatever uses it is refused from now on, and streams that it has opened end within seconds.</p>
          </Removal>
        )}
      </td>
    </tr>
  );
}

function limitOf({ services, level }: TokenRow): string {
  return plain([services?.join(', '), level && `${level} and above`].filter(Boolean).join('; ') || 'everything');
}
