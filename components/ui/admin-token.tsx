'use client';

import { KeyRound } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { setAdminToken } from '@/lib/client/admin-token.ts';
import { Button } from './button.tsx';

type AdminTokenProps = {
  /** Why it is asked for: the server's own sentence. */
  children: string;
  /** The token is kept; try again what was refused. */
  onEntered: () => void;
};

/** Asks for the operator's token where the server wants one. It is kept for this tab and sent as a bearer token. */
export function AdminToken({ children, onEntered }: AdminTokenProps) {
  const [typed, setTyped] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setAdminToken(typed.trim());
    setTyped('');
    onEntered();
  };
  return (
    <form
      onSubmit={submit}
      aria-label="Operator's token"
      className="rounded-md border border-line bg-sunken p-3 text-[13px]"
    >
      <p role="alert" className="mb-2 text-bad">
        {children}
      </p>
      <div className="flex flex-wrap items-center gap-2">
        <KeyRound size={14} aria-hidden className="text-ink-faint" />
        <label className="min-w-40 flex-1">
          <span className="sr-only">Admin token</span>
          <input
            type="password"
            autoComplete="off"
            placeholder="Admin token"
            value={typed}
            onChange={(event) => setTyped(event.target.value)}
            className="h-7 w-full rounded border border-line-strong bg-surface px-2 text-[13px]"
          />
        </label>
        <Button type="submit" disabled={typed.trim() === ''}>
          Try with this token
        </Button>
      </div>
    </form>
  );
}
