import type { SourceEvent } from '@/lib/core/source.ts';
import type { HttpProtocol, Refused } from './http-protocol.ts';
import type { IngestTally } from './ingest-tally.ts';
import { jsonSequence } from './json-sequence.ts';
import { hecEvents } from './splunk-event.ts';
import { HecRefused } from './splunk-refused.ts';
import { type HecCode, hecResponse, refuseHec } from './splunk-response.ts';

/** The first line of the tally that Splunk has a code for. */
type Coded = { readonly line: number; readonly code: HecCode };

/**
 * `POST /services/collector/event` of Splunk's HTTP Event Collector: JSON objects one after the other. One object a request,
 * since the answer names the first event that is wrong by its number.
 * @param ackId asked for when all is durable, for senders that ask about it later
 */
export function splunkHec(ackId: () => number): HttpProtocol {
  /** For each line of the tally the number of the event that it came from: one event may hold many metrics. */
  const numbers: number[] = [];
  let firstCoded: Coded | undefined;
  const note = (item: SourceEvent | Refused, number: number): SourceEvent | Refused => {
    numbers.push(number);
    if (item instanceof HecRefused) firstCoded ??= { line: numbers.length, code: item.code };
    return item;
  };
  return {
    name: 'splunk',
    *read(body, { query }) {
      let number = 0;
      for (const { from, to, isBroken } of jsonSequence(body)) {
        for (const value of isBroken ? [undefined] : parseAll(body.toString('utf8', from, to))) {
          for (const item of hecEvents(value, query)) yield note(item, number);
          number += 1;
        }
      }
    },
    answer: (tally, { header, query }) => {
      const wantsAck = header('x-splunk-request-channel') ?? query.get('channel');
      return answerHec(tally, wantsAck === null || tally.isHeld ? undefined : ackId, numbers, firstCoded);
    },
    refuse: refuseHec,
  };
}

function answerHec(
  tally: IngestTally,
  ackId: (() => number) | undefined,
  numbers: readonly number[],
  coded: Coded | undefined,
): Response {
  const { accepted, rejected, isHeld } = tally;
  const [wrong] = tally.errors;
  if (!wrong && accepted === 0) return hecResponse(5);
  const held = isHeld && { durable: false };
  if (!wrong) return hecResponse(0, { ...held, ...(ackId && { ackId: ackId() }) });
  const number = numbers[wrong.line - 1] ?? wrong.line - 1;
  return hecResponse(coded?.line === wrong.line ? coded.code : 6, {
    'invalid-event-number': number,
    detail: wrong.error,
    accepted,
    rejected,
    ...held,
  });
}

/** A list holds events as well; `undefined` stands for what is no JSON. */
function parseAll(text: string): unknown[] {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [value];
  } catch {
    return [undefined];
  }
}

/** `POST /services/collector/raw`: each line is an event; what is known about all of them stands in the query. */
export function splunkRaw(ackId: () => number): HttpProtocol {
  const { answer, refuse } = splunkHec(ackId);
  return {
    name: 'splunk',
    *read(body, { query }) {
      for (let at = 0; at < body.length; ) {
        const end = body.indexOf('\n', at);
        const to = end === -1 ? body.length : end;
        const event = body.toString('utf8', at, to).trimEnd();
        if (event !== '') yield* hecEvents({ event }, query);
        at = to + 1;
      }
    },
    answer,
    refuse,
  };
}
