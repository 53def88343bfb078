'use client';

import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { LoginForm } from '@/components/login/login-form.tsx';
import { Button } from '@/components/ui/button.tsx';
import { Dialog } from '@/components/ui/dialog.tsx';
import { useTailrace } from '@/lib/client/tailrace-provider.tsx';
import { LOGGED_IN } from '@/lib/client/use-watch.ts';
import { loginPath } from '@/lib/core/next-path.ts';

/** Logging in without leaving the page: the stream goes on where it stopped, and nothing on the screen is lost. */
export function LoginAgain() {
  const client = useTailrace();
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const done = () => {
    setOpen(false);
    client.reconnectNow();
    globalThis.dispatchEvent(new Event(LOGGED_IN));
    // It may be somebody else, with another role.
    router.refresh();
  };
  return (
    <>
      <Button look="accent" onClick={() => setOpen(true)}>
        Log in again
      </Button>
      <Dialog open={open} title="Log in again" onClose={() => setOpen(false)}>
        <LoginForm onDone={done} />
        <p className="mt-3 text-[13px] text-ink-soft">
          Or{' '}
          <a className="text-accent underline" href={loginPath(globalThis.location?.pathname ?? '/')}>
            go to the login page
          </a>
          , where other ways in are offered.
        </p>
      </Dialog>
    </>
  );
}
