'use client';

import { type FormEvent, useState } from 'react';
import { Button } from '@/components/ui/button.tsx';
import { failureText } from '@/components/ui/failure-text.ts';
import { SelectField } from '@/components/ui/select-field.tsx';
import { TextField } from '@/components/ui/text-field.tsx';
import { adminRequest } from '@/lib/client/admin-request.ts';
import { type AccountRow, PASSWORD_CHARS_MIN } from '@/lib/wire/access-pages.ts';

const ROLE_WORDS = {
  viewer: 'viewer: may look',
  operator: 'operator: may also send, end connections and break things',
  admin: 'admin: may also decide who comes in',
};
type AccountRole = keyof typeof ROLE_WORDS;

/** @param account undefined: a new one */
export function AccountForm({ account, onDone }: { account: AccountRow | undefined; onDone: () => void }) {
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [role, setRole] = useState<AccountRole>((account?.role as AccountRole | undefined) ?? 'viewer');
  const [error, setError] = useState<string>();
  const save = async () => {
    try {
      if (account) {
        const change = { role, ...(password !== '' && { password }) };
        await adminRequest('PUT', `/api/access/accounts/${account.id}`, change);
      } else await adminRequest('POST', '/api/access/accounts', { username, password, role });
      onDone();
    } catch (failure) {
      setError(failureText(failure));
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    void save();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      {!account && (
        <TextField
          label="Name"
          autoComplete="off"
          autoCapitalize="none"
          spellCheck={false}
          required
          maxLength={60}
          hint="Small letters, digits and . _ @ -"
          value={username}
          onChange={(event) => setUsername(event.target.value)}
        />
      )}
      <TextField
        label={account ? 'New password' : 'Password'}
        type="password"
        autoComplete="new-password"
        required={!account}
        minLength={PASSWORD_CHARS_MIN}
        hint={`At least ${PASSWORD_CHARS_MIN} characters.${account ? ' Empty: it stays.' : ''}`}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <SelectField label="Role" value={role} options={ROLE_WORDS} onChange={setRole} />
      {account && <p className="text-[13px] text-ink-soft">A change logs it out of its other browsers.</p>}
      {error && (
        <p role="alert" className="text-[13px] text-bad">
          {error}
        </p>
      )}
      <Button type="submit" look="accent" className="h-8">
        {account ? 'Save' : 'Make the account'}
      </Button>
    </form>
  );
}
