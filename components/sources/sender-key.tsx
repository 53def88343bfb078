'use client';

import Link from 'next/link';
import { useState } from 'react';
import { Button } from '@/components/ui/button.tsx';
import { adminRequest } from '@/lib/client/admin-request.ts';
import { useVisitor } from '@/lib/client/visitor-provider.tsx';
import type { TokenMade } from '@/lib/wire/access-pages.ts';

const DAYS = 365;

type SenderKeyProps = { isMade: boolean; onMade: (token: string) => void };

/** Where this server asks senders for a token: what stands for it in the lines below, and for an admin a real one. */
export function SenderKey({ isMade, onMade }: SenderKeyProps) {
  const { may } = useVisitor();
  const [error, setError] = useState<string>();
  const make = async () => {
    setError(undefined);
    const name = `Sources page, ${new Date().toISOString().slice(0, 16).replace('T', ' ')}`;
    try {
      const made = (await adminRequest('POST', '/api/access/tokens', {
        name,
        role: 'ingest',
        days: DAYS,
      })) as TokenMade;
      onMade(made.token);
    } catch (failure) {
      setError(failure instanceof Error ? failure.message : String(failure));
    }
  };
  if (isMade) {
    return (
      <p role="status" className="mb-3 text-[12px] text-ink-soft">
        The key is in the lines below until this panel is closed, and shown nowhere else. It may send and nothing more,
        for a year; <Link href="/access">the Access page</Link> revokes it.
      </p>
    );
  }
  return (
    <div className="mb-3 flex flex-wrap items-center gap-2 text-[12px] text-ink-soft">
      <span>
        <code>$TAILRACE_TOKEN</code> stands for the token that this server asks for.
      </span>
      {may.includes('administer') && <Button onClick={() => void make()}>Put a new key into these lines</Button>}
      {error && (
        <span role="alert" className="text-bad">
          {error}
        </span>
      )}
    </div>
  );
}
