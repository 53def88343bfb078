'use client';

import type { ReactNode } from 'react';
import { CopyButton } from '@/components/ui/copy-button.tsx';
import { plain } from '@/components/ui/plain-text.ts';
import { SenderKey } from './sender-key.tsx';
import { hostOf } from './snippet-place.ts';

type DestinationProps = {
  origin: string;
  /** What the server listens on. */
  host: string;
  /** A token that was made here; null where none is asked for. */
  token: string | null | undefined;
  onMade: (token: string) => void;
};

/** The two things that every sender has to know, whatever its own words for them. */
export function Destination({ origin, host, token, onMade }: DestinationProps) {
  return (
    <dl className="mb-3 grid grid-cols-[auto_1fr] items-baseline gap-x-4 gap-y-1.5 text-[13px]">
      <Row name="Address">
        <code className="font-mono text-[12px] [overflow-wrap:anywhere]">{origin}</code>
        <CopyButton label="Copy" of="the address" text={origin} />
        <Reach host={host} origin={origin} />
      </Row>
      <Row name="Key">
        {token === null ? (
          <span className="text-ink-soft">none: whoever reaches this server may send</span>
        ) : (
          <SenderKey token={token} onMade={onMade} />
        )}
      </Row>
    </dl>
  );
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-soft">{name}</dt>
      <dd className="flex min-w-0 flex-wrap items-center gap-x-2 gap-y-1">{children}</dd>
    </>
  );
}

const LOOPBACK = /^(localhost|127\.[\d.]+|::1)$/;

/** What keeps senders out that would otherwise look as if they had done something wrong. */
function Reach({ host, origin }: { host: string; origin: string }) {
  const shown = hostOf({ origin });
  if (LOOPBACK.test(host)) {
    return (
      <p className="basis-full text-[12px] text-ink-soft">
        Only programs of its own machine reach it: it listens on {plain(host)}. <code>HOST=0.0.0.0 npm start</code>{' '}
        opens it to others.
      </p>
    );
  }
  if (!LOOPBACK.test(shown)) return null;
  return (
    <p className="basis-full text-[12px] text-ink-soft">
      On another machine, write this one's name in the place of {shown}.
    </p>
  );
}
