import { type AppError, ERROR_STATUS } from '@/lib/core/errors.ts';
import { encodingOf } from '../body-bytes.ts';
import type { HttpProtocol, Refused } from '../http-protocol.ts';
import type { IngestTally } from '../ingest-tally.ts';
import type { LogSourceEvent } from '../log-source-event.ts';
import { type Understand, understandNothing } from '../understand.ts';
import { gelfEvent, readGelf } from './gelf-event.ts';

const LINE_FEED = 0x0a;

/** GELF over HTTP: one message a body, or, as Graylog takes them in bulk, one a line. 202 when it is durable. */
export function gelfHttp(understand: Understand = understandNothing): HttpProtocol {
  return {
    name: 'gelf',
    encodingOf: ({ header }) => encodingOf(header('content-encoding'), ['deflate']),
    read: (body) => readBody(body, understand),
    answer: (tally) => (tally.accepted > 0 ? new Response(null, { status: 202 }) : refuse(400, firstError(tally))),
    refuse: ({ code, message, retryAfterS }: AppError) => refuse(ERROR_STATUS[code], message, retryAfterS),
  };
}

function* readBody(body: Buffer, understand: Understand): Generator<LogSourceEvent | Refused> {
  const whole = parsed(body);
  if (whole !== undefined) {
    // Not of the format, but what the intent of a list is can hardly be mistaken.
    for (const message of Array.isArray(whole) ? whole : [whole]) yield readGelf(message, understand);
    return;
  }
  for (let at = 0; at < body.length; ) {
    const end = body.indexOf(LINE_FEED, at);
    const line = body.subarray(at, end === -1 ? body.length : end);
    at += line.length + 1;
    if (line.some((byte) => byte > 0x20)) yield gelfEvent(line, understand);
  }
}

/** Undefined for what is not JSON as a whole. */
function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function firstError(tally: IngestTally): string {
  return tally.answer(String).errors[0]?.error ?? 'expected a GELF message, got an empty body';
}

function refuse(status: number, says: string, retryAfterS?: number): Response {
  const headers = retryAfterS === undefined ? {} : { 'Retry-After': String(retryAfterS) };
  return Response.json({ error: says }, { status, headers });
}
