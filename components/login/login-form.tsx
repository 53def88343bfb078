'use client';

import { type FormEvent, useState } from 'react';
import { Button } from '@/components/ui/button.tsx';
import { Segmented } from '@/components/ui/segmented.tsx';
import { TextField } from '@/components/ui/text-field.tsx';
import { useLogin } from './use-login.ts';

const WAYS = ['password', 'token'] as const;
type Way = (typeof WAYS)[number];

/** Logging in with a password or a token; where it stands decides what comes after. */
export function LoginForm({ onDone }: { onDone: () => void }) {
  const [way, setWay] = useState<Way>('password');
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [token, setToken] = useState('');
  const { isBusy, error, logIn } = useLogin(onDone);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    logIn(way === 'password' ? { username, password } : { token });
  };
  return (
    <form onSubmit={submit} aria-label="Log in" className="flex flex-col gap-3">
      <div>
        <Segmented label="Log in with" value={way} options={WAYS} onChange={setWay} />
      </div>
      {way === 'password' ? (
        <>
          <TextField
            label="Name"
            name="username"
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            required
            value={username}
            onChange={(event) => setUsername(event.target.value)}
          />
          <TextField
            label="Password"
            name="password"
            type="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </>
      ) : (
        <TextField
          label="Token"
          name="token"
          type="password"
          autoComplete="off"
          required
          value={token}
          onChange={(event) => setToken(event.target.value)}
          hint="From the Access page, or TAILRACE_ADMIN_TOKEN."
        />
      )}
      {error && (
        <p role="alert" className="text-[13px] text-bad">
          {error}
        </p>
      )}
      <Button type="submit" look="accent" className="h-8" disabled={isBusy}>
        {isBusy ? 'Logging in…' : 'Log in'}
      </Button>
    </form>
  );
}
