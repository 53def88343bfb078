'use client';

import { useCallback, useEffect, useReducer, useRef } from 'react';
import { failureText } from '@/components/ui/failure-text.ts';
import { adminRequest } from '@/lib/client/admin-request.ts';
import { useTailrace } from '@/lib/client/tailrace-provider.tsx';
import { randomId } from '@/lib/core/position.ts';
import { testLineSchema } from '@/lib/wire/source-query.ts';
import { stepTest, type TestRun } from './test-line.ts';

const GIVEN_UP_MS = 10_000;
const FILTER = { kind: 'log', services: ['tailrace'] } as const;

/**
 * Sends a line and follows it through the server, by this browser's own stream, onto the screen.
 * @param head where the stream joins, undefined until the server has told; only the first counts
 */
export function useTestLine(head: string | undefined): [TestRun | undefined, () => void] {
  const client = useTailrace();
  const [run, step] = useReducer(stepTest, undefined);
  const from = useRef(head);
  from.current ??= head;
  const canJoin = from.current !== undefined;
  useEffect(() => {
    if (!canJoin || from.current === undefined) return;
    const cursor = client.connection.getState().cursor ?? from.current;
    return client.watch(FILTER, cursor, (events) => {
      for (const { attributes } of events) {
        const id = attributes?.['testId'];
        if (typeof id === 'string') step({ kind: 'arrived', id, atMs: performance.now() });
      }
    });
  }, [client, canJoin]);

  const arrivedId = run?.arrivedMs === undefined ? undefined : run.id;
  useEffect(() => {
    if (arrivedId === undefined) return;
    // The line is in the page now; the next frame has it, and is done when a task after it runs.
    const channel = new MessageChannel();
    channel.port1.onmessage = () => step({ kind: 'painted', id: arrivedId, atMs: performance.now() });
    const request = requestAnimationFrame(() => channel.port2.postMessage(null));
    return () => {
      cancelAnimationFrame(request);
      channel.port1.close();
    };
  }, [arrivedId]);

  const runId = run?.id;
  useEffect(() => {
    if (runId === undefined) return;
    const timer = setTimeout(() => {
      const stream = client.connection.getState().phase;
      step({ kind: 'given-up', id: runId, afterMs: GIVEN_UP_MS, stream });
    }, GIVEN_UP_MS);
    return () => clearTimeout(timer);
  }, [client, runId]);

  const send = useCallback(() => {
    const id = randomId();
    step({ kind: 'begun', id, atMs: performance.now() });
    adminRequest('POST', `/api/sources/test?id=${id}`)
      .then((answer) => {
        step({ kind: 'answered', id, atMs: performance.now(), line: testLineSchema.parse(answer) });
      })
      .catch((error: unknown) => {
        step({ kind: 'refused', id, says: failureText(error) });
      });
  }, []);
  return [run, send];
}
