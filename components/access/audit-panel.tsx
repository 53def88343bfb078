import { Calm, Panel } from '@/components/system/panel.tsx';
import { CELL, ROW, Table } from '@/components/system/table.tsx';
import { plain } from '@/components/ui/plain-text.ts';
import { Segmented } from '@/components/ui/segmented.tsx';
import type { AuditPage } from '@/lib/wire/access-pages.ts';
import { wayIn } from './way-in.ts';
import { when } from './when.ts';

const COLUMNS = ['When', 'Who', 'Did what', 'To what', 'From'];

const KINDS = ['everything', 'all but logins'] as const;

type AuditPanelProps = {
  entries: AuditPage['entries'];
  hasLogins: boolean;
  onLogins: (hasLogins: boolean) => void;
};

/** Who has done what, newest first. */
export function AuditPanel({ entries, hasLogins, onLogins }: AuditPanelProps) {
  const kinds = (
    <span className="flex flex-wrap items-center gap-x-2">
      the newest 100 of
      <Segmented
        label="Which of what was done"
        value={hasLogins ? 'everything' : 'all but logins'}
        options={KINDS}
        onChange={(kind) => onLogins(kind === 'everything')}
      />
    </span>
  );
  return (
    <Panel title="What was done" aside={kinds}>
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
