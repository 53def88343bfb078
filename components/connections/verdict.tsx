'use client';

import { CircleCheck, CircleDashed, CircleX, TriangleAlert } from 'lucide-react';
import { connectionSentence } from '@/components/shell/connection-sentence.ts';
import { formatCount, formatDuration } from '@/components/shell/format-count.ts';
import { TONE_TEXT } from '@/components/ui/badge.tsx';
import { Button } from '@/components/ui/button.tsx';
import type { ConnectionState } from '@/lib/client/state.ts';
import { useTailrace } from '@/lib/client/tailrace-provider.tsx';
import { roleSentence } from './role-sentence.ts';

const ICONS = { good: CircleCheck, warn: TriangleAlert, bad: CircleX, neutral: CircleDashed } as const;

const SECOND_MS = 1000;

/** The whole screen in one line: what the stream is doing and whether anything is missing. */
export function Verdict({ connection, nowMs }: { connection: ConnectionState; nowMs: number }) {
  const client = useTailrace();
  const { tone, state, detail, canRetry } = connectionSentence(connection, nowMs);
  const Icon = ICONS[tone];
  const proof = `${formatCount(connection.lost)} lost · ${formatCount(connection.repeated)} repeated`;
  return (
    <section aria-label="Verdict" className="rounded-md border border-line bg-raised px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Icon size={22} aria-hidden className={TONE_TEXT[tone]} />
        <p className="text-lg font-semibold" data-testid="verdict">
          <span className={TONE_TEXT[tone]}>{state}</span> · {proof}
        </p>
        {connection.cursor && (
          <p className="font-mono text-[13px] [overflow-wrap:anywhere] text-ink-soft">position {connection.cursor}</p>
        )}
        {canRetry && (
          <Button look="accent" onClick={() => client.reconnectNow()}>
            Retry now
          </Button>
        )}
      </div>
      <p className="mt-1 text-[13px] text-ink-soft">
        For {formatDuration(Math.max(SECOND_MS, nowMs - connection.sinceMs))}
        {connection.phase === 'live' ? '' : detail && detail !== proof ? `: ${detail}` : ''}.{' '}
        {roleSentence(connection.role, connection.tabs)}
      </p>
    </section>
  );
}
