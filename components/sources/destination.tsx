'use client';

import type { ReactNode } from 'react';
import { CopyButton } from '@/components/ui/copy-button.tsx';
import { plain } from '@/components/ui/plain-text.ts';
import { SenderKey } from './sender-key.tsx';
import type { Guide } from './snippet.ts';
import { hostOf, type Place } from './snippet-place.ts';
import { addressOf, takesKey } from './snippets.ts';

type DestinationProps = {
  guide: Guide;
  /** With the key that was made here, if one was. */
  place: Place;
  /** What the server listens on. */
  host: string;
  onMade: (token: string) => void;
};

/** The two things that every sender has to know, whatever its own words for them. */
export function Destination({ guide, place, host, onMade }: DestinationProps) {
  const { origin, token } = place;
  const address = addressOf(guide, place);
  return (
    <dl className="mb-3 grid grid-cols-[auto_1fr] items-baseline gap-x-4 gap-y-1.5 text-[13px]">
      <Row name="Address">
        <code className="font-mono text-[12px] [overflow-wrap:anywhere]">{address}</code>
        <CopyButton label="Copy" of="the address" text={address} />
        <Reach host={host} origin={origin} />
      </Row>
      <Row name="Key">
        {token === null ? (
          <span className="text-ink-soft">none: whoever reaches this server may send</span>
        ) : takesKey(guide, place) ? (
          <SenderKey token={token} onMade={onMade} />
        ) : (
          <span className="text-ink-soft">
            none: this listener knows senders by their address (<code>TAILRACE_LISTEN_FROM</code>)
          </span>
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
