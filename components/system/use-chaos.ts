'use client';

import { useCallback, useEffect, useState } from 'react';
import { AdminError, adminRequest } from '@/lib/client/admin-request.ts';
import { type ChaosReport, chaosReportSchema, type Fault } from '@/lib/wire/chaos.ts';
import { faultSentence } from './fault-forms.ts';

const CHAOS_URL = '/api/chaos';
/** Faults heal by themselves, and other operators begin some. */
const POLL_MS = 2000;

type Said = { readonly ok: boolean; readonly text: string };
export type Chaos = {
  readonly report: ChaosReport | undefined;
  readonly busy: boolean;
  /** What came of the last action. */
  readonly said: Said | undefined;
  /** The server wants a token for the last action; `again` tries it once more. */
  readonly refused: { readonly text: string; readonly again: () => void } | undefined;
  readonly inject: (fault: Fault) => void;
  readonly heal: () => void;
};

/** Faults on purpose: which are active, and how to begin and to end them. */
export function useChaos(enabled: boolean): Chaos {
  const [report, setReport] = useState<ChaosReport>();
  const [busy, setBusy] = useState(false);
  const [said, setSaid] = useState<Said>();
  const [refused, setRefused] = useState<Chaos['refused']>();

  useEffect(() => {
    if (!enabled) return;
    const aborter = new AbortController();
    const poll = async () => {
      try {
        setReport(chaosReportSchema.parse(await adminRequest('GET', CHAOS_URL, undefined, aborter.signal)));
      } catch {
        // A server that does not answer is told of by the page's own stream.
      }
    };
    void poll();
    const timer = setInterval(poll, POLL_MS);
    return () => {
      clearInterval(timer);
      aborter.abort();
    };
  }, [enabled]);

  const act = useCallback(async (method: string, body: Fault | undefined, told: string) => {
    setBusy(true);
    setRefused(undefined);
    try {
      const answer = chaosReportSchema.parse(await adminRequest(method, CHAOS_URL, body));
      setReport(answer);
      setSaid({ ok: true, text: answer.done ?? told });
    } catch (error) {
      const text = error instanceof AdminError ? error.message : 'The server sent an answer that is not understood.';
      setSaid({ ok: false, text });
      if (error instanceof AdminError && error.needsToken) {
        setSaid(undefined);
        setRefused({ text, again: () => void act(method, body, told) });
      }
    } finally {
      setBusy(false);
    }
  }, []);

  const inject = useCallback((fault: Fault) => void act('POST', fault, `begun: ${faultSentence(fault)}`), [act]);
  const heal = useCallback(() => void act('DELETE', undefined, 'all healed'), [act]);
  return { report, busy, said, refused, inject, heal };
}
