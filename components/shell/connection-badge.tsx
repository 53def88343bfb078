'use client';

import Link from 'next/link';
import { Badge, TONE_TEXT } from '@/components/ui/badge.tsx';
import { Button } from '@/components/ui/button.tsx';
import { Tooltip } from '@/components/ui/tooltip.tsx';
import { isRoutine, SIGNED_OUT } from '@/lib/client/goodbye.ts';
import type { Phase } from '@/lib/client/state.ts';
import { useTailrace } from '@/lib/client/tailrace-provider.tsx';
import { useConnection } from '@/lib/client/use-connection.ts';
import { connectionSentence } from './connection-sentence.ts';
import { LoginAgain } from './login-again.tsx';
import { useNow } from './use-now.ts';

const COUNTDOWN_MS = 250;

/** Without the countdown, or a screen reader would be told every second. */
function spoken(phase: Phase, cause: string, switching: boolean): string {
  if (phase === 'waiting') return isRoutine(cause) ? 'renewing the stream' : 'connection lost, reconnecting';
  return phase === 'connecting' && switching ? 'changing the transport' : phase;
}

/** The truth about this browser's stream, on every page; a click leads to the proof. */
export function ConnectionBadge() {
  const client = useTailrace();
  const phase = useConnection((connection) => connection.phase);
  const sinceMs = useConnection((connection) => connection.sinceMs);
  const retryAtMs = useConnection((connection) => connection.retryAtMs);
  const attempt = useConnection((connection) => connection.attempt);
  const lost = useConnection((connection) => connection.lost);
  const repeated = useConnection((connection) => connection.repeated);
  const cause = useConnection((connection) => connection.cause);
  const switching = useConnection((connection) => connection.switching);
  const transport = useConnection((connection) => connection.transport);
  // Positions move with every event; only catching up shows them, so only then may they draw.
  const head = useConnection((connection) => (connection.phase === 'replaying' ? connection.head : undefined));
  const cursor = useConnection((connection) => (connection.phase === 'replaying' ? connection.cursor : undefined));
  const nowMs = useNow(COUNTDOWN_MS, phase === 'waiting' || phase === 'stale');
  const told = { phase, sinceMs, retryAtMs, attempt, lost, repeated, cause, head, cursor, switching, transport };
  const isSignedOut = phase === 'closed' && cause === SIGNED_OUT.cause;
  const { tone, state, detail, canRetry, busy } = connectionSentence(told, nowMs ?? sinceMs);

  return (
    <div className="flex min-w-0 items-center gap-2">
      <Tooltip text="Each event names the one before it: lost and repeated are counted from that. Open for the proof.">
        <Link
          href="/connection"
          className="flex h-7 min-w-0 items-center rounded border border-line bg-raised px-2 hover:bg-hover"
          data-testid="connection-badge"
          data-phase={phase}
        >
          <span className="sr-only">Connection: </span>
          <Badge tone={tone} pulsing={busy}>
            <span className={`font-medium ${TONE_TEXT[tone]}`}>{state}</span>
            {detail && (
              <span
                className={`truncate text-ink-soft ${phase === 'live' || phase === 'replaying' ? '' : 'max-sm:hidden'}`}
              >
                · {detail}
              </span>
            )}
          </Badge>
        </Link>
      </Tooltip>
      {isSignedOut && <LoginAgain />}
      {canRetry && !isSignedOut && (
        <Button look="accent" onClick={() => client.reconnectNow()}>
          Retry now
        </Button>
      )}
      <span role="status" className="sr-only">
        {spoken(phase, cause, switching)}
      </span>
    </div>
  );
}
