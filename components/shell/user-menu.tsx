'use client';

import { KeyRound, LockKeyhole, LogIn, LogOut, UserRound } from 'lucide-react';
import Link from 'next/link';
import { useId, useState } from 'react';
import { PasswordForm } from '@/components/login/password-form.tsx';
import { Dialog } from '@/components/ui/dialog.tsx';
import { failureText } from '@/components/ui/failure-text.ts';
import { plain } from '@/components/ui/plain-text.ts';
import { adminRequest } from '@/lib/client/admin-request.ts';
import { useVisitor } from '@/lib/client/visitor-provider.tsx';

const ITEM = 'flex h-8 w-full items-center gap-2 rounded px-2 text-left text-[13px] hover:bg-hover';

/** Who the page is shown to, and what goes with that. The browser's own popover: Esc and a click beside it close it. */
export function UserMenu() {
  const { name: given, role, hasLoggedIn, hasPassword, may } = useVisitor();
  const name = plain(given);
  const id = useId();
  const [error, setError] = useState<string>();
  const [isChanging, setIsChanging] = useState(false);
  const hide = () => document.getElementById(id)?.hidePopover();
  const logOut = async () => {
    try {
      await adminRequest('POST', '/api/logout');
      location.assign('/login');
    } catch (failure) {
      setError(failureText(failure));
    }
  };
  return (
    <>
      <button
        type="button"
        popoverTarget={id}
        aria-label={`You are ${name}, ${role}`}
        title={`${name} (${role})`}
        className="inline-flex h-7 max-w-40 items-center justify-center gap-1.5 rounded px-1.5 text-[13px] text-ink-soft hover:bg-hover hover:text-ink"
      >
        <UserRound size={16} aria-hidden className="shrink-0" />
        <span className="truncate max-lg:hidden">{name}</span>
      </button>
      <div
        id={id}
        popover="auto"
        className="fixed inset-[auto] top-11 right-2 m-0 w-56 rounded-md border border-line bg-raised p-1 text-ink shadow-xl"
      >
        <p className="border-line border-b px-2 pt-1 pb-2 text-[13px]">
          <span className="block truncate font-medium">{name}</span>
          <span className="text-ink-soft">{hasLoggedIn ? role : `came in without a login, as ${role}`}</span>
        </p>
        <div className="pt-1">
          {may.includes('administer') && (
            <Link href="/access" className={ITEM} onClick={hide}>
              <KeyRound size={14} aria-hidden />
              Access
            </Link>
          )}
          {hasPassword && (
            <button
              type="button"
              className={ITEM}
              onClick={() => {
                hide();
                setIsChanging(true);
              }}
            >
              <LockKeyhole size={14} aria-hidden />
              Change password…
            </button>
          )}
          {hasLoggedIn ? (
            <button type="button" className={ITEM} onClick={() => void logOut()}>
              <LogOut size={14} aria-hidden />
              Log out
            </button>
          ) : (
            <a href="/login" className={ITEM}>
              <LogIn size={14} aria-hidden />
              Log in
            </a>
          )}
          {error && (
            <p role="alert" className="px-2 py-1 text-[13px] text-bad">
              {error}
            </p>
          )}
        </div>
      </div>
      <Dialog open={isChanging} title="Change your password" onClose={() => setIsChanging(false)}>
        <PasswordForm name={name} onDone={() => setIsChanging(false)} />
      </Dialog>
    </>
  );
}
