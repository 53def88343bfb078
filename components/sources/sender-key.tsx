'use client';

import Link from 'next/link';
import { useState } from 'react';
import { Button } from '@/components/ui/button.tsx';
import { CopyButton } from '@/components/ui/copy-button.tsx';
import { failureText } from '@/components/ui/failure-text.ts';
import { adminRequest } from '@/lib/client/admin-request.ts';
import { useVisitor } from '@/lib/client/visitor-provider.tsx';
import type { TokenMade } from '@/lib/wire/access-pages.ts';

const DAYS = 365;

type SenderKeyProps = { token: string | undefined; onMade: (token: string) => void };

/** Where this server asks senders for a token: what stands for it in the lines below, and for an admin a real one. */
export function SenderKey({ token, onMade }: SenderKeyProps) {
  const { may } = useVisitor();
  const [isMaking, setMaking] = useState(false);
  const [error, setError] = useState<string>();
  const make = async () => {
    setMaking(true);
    setError(undefined);
    const name = `Sources page, ${new Date().toISOString().slice(0, 19).replace('T', ' ')}`;
    try {
      const made = (await adminRequest('POST', '/api/access/tokens', {
        name,
        role: 'ingest',
        days: DAYS,
      })) as TokenMade;
      onMade(made.token);
    } catch (failure) {
      setError(failureText(failure));
    }
    setMaking(false);
  };
  if (token !== undefined) {
    return (
      <>
        <code className="font-mono text-[12px] [overflow-wrap:anywhere]">{token}</code>
        <CopyButton label="Copy" of="the key" text={token} />
        <p role="status" className="basis-full text-[12px] text-ink-soft">
          It stands in the lines below until this panel is closed, and is shown nowhere else. It may send and nothing
          more, for a year;{' '}
          <Link href="/access" className="text-accent underline underline-offset-2">
            the Access page
          </Link>{' '}
          revokes it.
        </p>
      </>
    );
  }
  return (
    <>
      <span>
        <code className="font-mono text-[12px]">$TAILRACE_TOKEN</code>
        <span className="text-ink-soft"> stands for it below</span>
      </span>
      {may.includes('administer') ? (
        <Button disabled={isMaking} onClick={() => void make()}>
          Make a key
        </Button>
      ) : (
        <span className="text-ink-soft">: an administrator makes one on the Access page</span>
      )}
      {error && (
        <p role="alert" className="basis-full text-[12px] text-bad">
          {error}
        </p>
      )}
    </>
  );
}
