'use client';

import { type ReactNode, useEffect, useState } from 'react';
import { Logo } from '@/components/shell/logo.tsx';
import { Button } from '@/components/ui/button.tsx';
import { LoginForm } from './login-form.tsx';
import { useLogin } from './use-login.ts';

type LoginScreenProps = {
  /** Where to go on afterwards: a path of this server. */
  next: string;
  /** An identity provider can be asked. */
  hasProvider: boolean;
  /** What has failed on the way by the identity provider. */
  failure?: string | undefined;
};

/** Whoever has come by the one-time link makes an account first. */
const AFTER_FIRST = '/access';

/** The page in front of all others. */
export function LoginScreen({ next, hasProvider, failure }: LoginScreenProps) {
  const [once, forget] = useOnceSecret();
  // A new page: everything of the one before was made for somebody else.
  const goTo = (path: string) => location.assign(path);
  return (
    <main id="main" className="flex h-dvh flex-col items-center overflow-y-auto p-4 pt-[max(1rem,18dvh)]">
      <div className="w-full max-w-sm rounded-lg border border-line bg-raised p-5 shadow-sm">
        <h1 className="mb-4 flex items-center gap-2 text-base font-semibold">
          <span className="text-accent">
            <Logo />
          </span>
          Log in to Tailrace
        </h1>
        {once !== undefined ? (
          <FirstLogin secret={once} onDone={() => goTo(AFTER_FIRST)} onOtherwise={forget} />
        ) : (
          <>
            {failure && (
              <p role="alert" className="mb-3 text-[13px] text-bad">
                {failure}
              </p>
            )}
            <LoginForm onDone={() => goTo(next)} />
            <p className="mt-3 text-[12px] text-ink-faint">
              The first time: the server has printed a link where it was started, which logs in once.
            </p>
            {hasProvider && (
              <Beside>
                <a
                  href={`/login/oidc?next=${encodeURIComponent(next)}`}
                  className="flex h-8 items-center justify-center rounded border border-line bg-raised text-[13px] hover:bg-hover"
                >
                  Log in with your identity provider
                </a>
              </Beside>
            )}
          </>
        )}
      </div>
    </main>
  );
}

function Beside({ children }: { children: ReactNode }) {
  return <div className="mt-3 border-line border-t pt-3">{children}</div>;
}

type FirstLoginProps = { secret: string; onDone: () => void; onOtherwise: () => void };

/** A click, not the visit, uses it up: programs look at links that are sent around. */
function FirstLogin({ secret, onDone, onOtherwise }: FirstLoginProps) {
  const { isBusy, error, logIn } = useLogin(onDone);
  return (
    <div className="flex flex-col gap-3 text-[13px]">
      <p className="text-ink-soft">
        This link opens once. Make an account or a token afterwards: until there is one, each start of the server prints
        another link.
      </p>
      {error && (
        <p role="alert" className="text-bad">
          {error}
        </p>
      )}
      <Button look="accent" className="h-8" disabled={isBusy} onClick={() => logIn({ once: secret })}>
        {isBusy ? 'Logging in…' : 'Log in with this link'}
      </Button>
      {error && (
        <Button className="h-8" onClick={onOtherwise}>
          Log in with a password or a token
        </Button>
      )}
    </div>
  );
}

/** It stands behind `#`, and leaves the address bar and the history at once. */
function useOnceSecret(): [secret: string | undefined, forget: () => void] {
  const [secret, setSecret] = useState<string>();
  useEffect(() => {
    const given = new URLSearchParams(location.hash.slice(1)).get('once');
    if (given === null) return;
    history.replaceState(null, '', `${location.pathname}${location.search}`);
    setSecret(given);
  }, []);
  return [secret, () => setSecret(undefined)];
}
