'use client';

import { KeyRound } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { type FormEvent, useState } from 'react';
import { useLogin } from '@/components/login/use-login.ts';
import { Button } from './button.tsx';

type AdminTokenProps = {
  /** Why it is asked for: the server's own sentence. */
  children: string;
  /** The browser has logged in; try again what was refused. */
  onEntered: () => void;
};

/** Asks for a token where the server wants one: who shows it has logged in, and goes on with a cookie. */
export function AdminToken({ children, onEntered }: AdminTokenProps) {
  const [typed, setTyped] = useState('');
  const router = useRouter();
  const { isBusy, error, logIn } = useLogin(() => {
    setTyped('');
    // The shell says who is here.
    router.refresh();
    onEntered();
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    logIn({ token: typed.trim() });
  };
  return (
    <form
      onSubmit={submit}
      aria-label="Operator's token"
      className="rounded-md border border-line bg-sunken p-3 text-[13px]"
    >
      <p role="alert" className="mb-2 text-bad">
        {error ?? children}
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
        <Button type="submit" disabled={isBusy || typed.trim() === ''}>
          Try with this token
        </Button>
      </div>
    </form>
  );
}
