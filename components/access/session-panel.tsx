'use client';

import { userAgentName } from '@/components/connections/user-agent-name.ts';
import { Calm, Panel } from '@/components/system/panel.tsx';
import { ACTIONS, CELL, ROW, Table } from '@/components/system/table.tsx';
import { plain } from '@/components/ui/plain-text.ts';
import type { SessionRow } from '@/lib/wire/access-pages.ts';
import { Removal } from './removal.tsx';
import { wayIn } from './way-in.ts';
import { when } from './when.ts';

const COLUMNS = ['Name', 'Role', 'Came by', 'Browser', 'Address', 'Last used', 'Ends', ''];

/** Browsers that have logged in. */
export function SessionPanel({ sessions, onChange }: { sessions: readonly SessionRow[]; onChange: () => void }) {
  return (
    <Panel title="Logins">
      {sessions.length === 0 ? (
        <Calm>No browser is logged in.</Calm>
      ) : (
        <Table label="Logins" columns={COLUMNS.map((name) => ({ name }))}>
          {sessions.map(({ id, name, role, by, userAgent, address, usedMs, expiresMs, isOwn }) => (
            <tr key={id} className={ROW}>
              <td className={CELL}>
                {plain(name)}
                {isOwn && <span className="text-ink-soft"> (this browser)</span>}
              </td>
              <td className={CELL}>{role}</td>
              <td className={CELL}>{wayIn(by)}</td>
              <td className={CELL} title={plain(userAgent)}>
                {plain(userAgentName(userAgent))}
              </td>
              <td className={CELL}>{plain(address)}</td>
              <td className={CELL}>{when(usedMs)}</td>
              <td className={CELL}>{when(expiresMs)}</td>
              <td className={ACTIONS}>
                <Removal action="Log out" of={name} url={`/api/access/sessions/${id}`} onDone={onChange}>
                  <p>{isOwn ? 'This is the browser that you use now.' : 'Its streams end within seconds.'}</p>
                </Removal>
              </td>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}
