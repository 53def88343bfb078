import type { AccessBook } from '@/lib/access/access-book.ts';
import type { AccessKeeper } from '@/lib/access/access-keeper.ts';
import type { AccountRecord, AuditRecord } from '@/lib/core/access-record.ts';
import { AppError } from '@/lib/core/errors.ts';
import type { Principal } from '@/lib/core/principal.ts';

type Changed = { readonly account: AccountRecord | undefined; readonly audit: AuditRecord };

/**
 * Changes an account, or removes it, and ends its logins but for the one that asks. Rejects with not-found, with what
 * `change` throws, and as the store does.
 * @param change is handed the account as it is when the turn comes: a change that was made meanwhile is not undone
 * @returns as it is then, or was
 */
export async function changeAccount(
  { book, keeper }: { readonly book: AccessBook; readonly keeper: AccessKeeper },
  id: string,
  own: Principal | undefined,
  change: (present: AccountRecord) => Changed,
): Promise<AccountRecord> {
  const logins = () =>
    book
      .sessionsOf(`account:${id}`)
      .map((session) => session.id)
      .filter((session) => own?.id !== `session:${session}`);
  let after: AccountRecord | undefined;
  await keeper.decide(() => {
    const present = book.accounts.get(id);
    if (!present) throw new AppError('not-found', 'there is no such account');
    const { account, audit } = change(present);
    after = account ?? present;
    const changes = account ? { accounts: [account] } : { accountsRemoved: [id] };
    return { ...changes, sessionsRemoved: logins(), audit: [audit] };
  });
  // Those that began with the password of before, while the change was being stored.
  for (const session of logins()) keeper.endSession(session);
  return after as AccountRecord;
}
