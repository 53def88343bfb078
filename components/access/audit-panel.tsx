import { Calm, Panel } from '@/components/system/panel.tsx';
import { CELL, ROW, Table } from '@/components/system/table.tsx';
import { plain } from '@/components/ui/plain-text.ts';
import type { AuditPage } from '@/lib/wire/access-pages.ts';
import { wayIn } from './way-in.ts';
import { when } from './when.ts';

const COLUMNS = ['When', 'Who', 'Did what', 'To what', 'From'];

/** Who has done what, newest first. */
export function AuditPanel({ entries }: { entries: AuditPage['entries'] }) {
  return (
    <Panel title="What was done" aside="the newest 100">
      {entries.length === 0 ? (
        <Calm>Nothing yet: logins, tokens, accounts and what operators do are noted here.</Calm>
      ) : (
        <Table label="What was done" columns={COLUMNS.map((name) => ({ name }))}>
          {entries.map(({ id, atMs, who, act, target, address }) => (
            <tr key={id} className={ROW}>
              <td className={CELL}>{when(atMs)}</td>
              <td className={CELL}>{plain(who)}</td>
              <td className={CELL}>{plain(act)}</td>
              <td className={`${CELL} max-w-96 truncate`} title={plain(target)}>
                {act === 'logged in' ? wayIn(target) : plain(target)}
              </td>
              <td className={CELL}>{plain(address)}</td>
            </tr>
          ))}
        </Table>
      )}
    </Panel>
  );
}
