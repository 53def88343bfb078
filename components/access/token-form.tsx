'use client';

import { type FormEvent, useState } from 'react';
import { Button } from '@/components/ui/button.tsx';
import { CopyButton } from '@/components/ui/copy-button.tsx';
import { failureText } from '@/components/ui/failure-text.ts';
import { plain } from '@/components/ui/plain-text.ts';
import { SelectField } from '@/components/ui/select-field.tsx';
import { TextField } from '@/components/ui/text-field.tsx';
import { adminRequest } from '@/lib/client/admin-request.ts';
import { LEVELS } from '@/lib/core/level.ts';
import type { TokenMade } from '@/lib/wire/access-pages.ts';

const ROLE_WORDS = {
  ingest: 'ingest: may send, and nothing else',
  viewer: 'viewer: may look',
  operator: 'operator: may also send, end connections and break things',
  admin: 'admin: may also decide who comes in',
};
const DAYS = { '30': '30 days', '90': '90 days', '365': 'a year', '': 'never' };

/** Makes a token and shows it, which happens once. */
export function TokenForm({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<keyof typeof ROLE_WORDS>('ingest');
  const [services, setServices] = useState('');
  const [level, setLevel] = useState('');
  const [days, setDays] = useState<keyof typeof DAYS>('365');
  const [made, setMade] = useState<TokenMade>();
  const [error, setError] = useState<string>();
  const isLimitable = role === 'ingest' || role === 'viewer';

  const make = async () => {
    const list = services.split(',').flatMap((service) => service.trim() || []);
    const wish = {
      ...{ name, role },
      ...(isLimitable && list.length > 0 && { services: list }),
      ...(role === 'viewer' && level !== '' && { level }),
      ...(days !== '' && { days: Number(days) }),
    };
    try {
      setMade((await adminRequest('POST', '/api/access/tokens', wish)) as TokenMade);
    } catch (failure) {
      setError(failureText(failure));
    }
  };
  if (made) return <Made made={made} onDone={onDone} />;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setError(undefined);
    void make();
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <TextField
        label="Name"
        required
        maxLength={60}
        hint="Which program or person has it: it stands beside what they do."
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <SelectField label="Role" value={role} options={ROLE_WORDS} onChange={setRole} />
      {isLimitable && (
        <TextField
          label={role === 'ingest' ? 'May send for these services' : 'Sees these services'}
          hint="Names with commas between; empty: all of them."
          value={services}
          onChange={(event) => setServices(event.target.value)}
        />
      )}
      {role === 'viewer' && (
        <SelectField
          label="Sees lines from this level on"
          value={level}
          options={{ '': 'every level, and metrics', ...Object.fromEntries(LEVELS.map((each) => [each, each])) }}
          onChange={setLevel}
        />
      )}
      <SelectField label="Expires" value={days} options={DAYS} onChange={setDays} />
      {error && (
        <p role="alert" className="text-[13px] text-bad">
          {error}
        </p>
      )}
      <Button type="submit" look="accent" className="h-8">
        Make the token
      </Button>
    </form>
  );
}

function Made({ made: { token, row }, onDone }: { made: TokenMade; onDone: () => void }) {
  return (
    <div className="flex flex-col gap-3 text-[13px]">
      <p>
        <strong className="font-semibold [overflow-wrap:anywhere]">{plain(row.name)}</strong> is made. This is the only
        time that it is shown:
      </p>
      <code
        data-testid="token-made"
        className="rounded border border-line bg-sunken p-2 font-mono break-all select-all"
      >
        {token}
      </code>
      <div className="flex justify-end gap-2">
        <CopyButton text={token} label="Copy" />
        <Button look="accent" onClick={onDone}>
          I have it
        </Button>
      </div>
    </div>
  );
}
