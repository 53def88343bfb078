'use client';

import { type FormEvent, useState } from 'react';
import { Button } from '@/components/ui/button.tsx';
import { TextField } from '@/components/ui/text-field.tsx';
import { adminRequest } from '@/lib/client/admin-request.ts';
import { PASSWORD_CHARS_MIN } from '@/lib/wire/access-pages.ts';

type PasswordFormProps = {
  /** For the browser's own keeper of passwords. */
  name: string;
  onDone: () => void;
};

/** React's own `autoFocus` comes before the dialog is shown; the dialog looks for the attribute. */
const focusWhenShown = (field: HTMLInputElement | null) => field?.setAttribute('autofocus', '');

/** Another password, by whoever knows the present one. */
export function PasswordForm({ name, onDone }: PasswordFormProps) {
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const [isBusy, setIsBusy] = useState(false);
  const [isDone, setIsDone] = useState(false);
  const [error, setError] = useState<string>();
  const save = async () => {
    setIsBusy(true);
    setError(undefined);
    try {
      await adminRequest('PUT', '/api/access/password', { current, password });
      setIsDone(true);
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
    } finally {
      setIsBusy(false);
    }
  };
  if (isDone) {
    return (
      <div className="flex flex-col gap-3 text-[13px]">
        <p role="status">Your password is changed. Your other browsers have been logged out.</p>
        <Button look="accent" className="h-8" autoFocus onClick={onDone}>
          Done
        </Button>
      </div>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save();
  };
  return (
    <form onSubmit={submit} aria-label="Change your password" className="flex flex-col gap-3">
      <input type="text" name="username" autoComplete="username" value={name} readOnly hidden />
      <TextField
        label="Present password"
        name="current-password"
        type="password"
        autoComplete="current-password"
        required
        ref={focusWhenShown}
        value={current}
        onChange={(event) => setCurrent(event.target.value)}
      />
      <TextField
        label="New password"
        name="new-password"
        type="password"
        autoComplete="new-password"
        required
        minLength={PASSWORD_CHARS_MIN}
        hint={`At least ${PASSWORD_CHARS_MIN} characters. Your other browsers are logged out.`}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      {error && (
        <p role="alert" className="text-[13px] text-bad">
          {error}
        </p>
      )}
      <Button type="submit" look="accent" className="h-8" disabled={isBusy}>
        {isBusy ? 'Changing…' : 'Change the password'}
      </Button>
    </form>
  );
}
