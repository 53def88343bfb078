import { type AppError, ERROR_STATUS, type ErrorCode } from '@/lib/core/errors.ts';
import { EVENT_BYTES_MAX } from '@/lib/core/event.ts';
import type { SourceEvent } from '@/lib/core/source.ts';
import { ACTIONS_MAX, type Action, readActions } from './elastic-actions.ts';
import { documentEvent } from './elastic-document.ts';
import { bulkItems, elasticResponse } from './elastic-response.ts';
import { isRecord } from './field-kinds.ts';
import { type HttpProtocol, Refused } from './http-protocol.ts';

/** Logstash sends up to 20 MB at once, decompressed. */
const BODY_BYTES_MAX = 32 * 1024 * 1024;

const ERROR_TYPES: Partial<Record<ErrorCode, string>> = {
  'bad-request': 'illegal_argument_exception',
  unauthorized: 'security_exception',
  forbidden: 'security_exception',
  'body-too-large': 'content_too_long_exception',
  'rate-limited': 'es_rejected_execution_exception',
  'storage-overloaded': 'es_rejected_execution_exception',
  'storage-unavailable': 'unavailable_shards_exception',
};

/**
 * `POST /_bulk` of Elasticsearch: a line that says what to do, a line with a document. One object a request, since the answer
 * names each action.
 */
export function elasticBulk(): HttpProtocol {
  const startMs = performance.now();
  let actions: readonly Action[] | undefined;
  const actionsOf = (body: Buffer): readonly Action[] => {
    actions ??= readActions(body);
    return actions;
  };
  return {
    name: 'elasticsearch',
    bytesMax: BODY_BYTES_MAX,
    errorsMax: ACTIONS_MAX,
    // As in Elasticsearch: with an id of its own a document is stored once, without one it is a new one each time.
    isRepeatable: (body) => actionsOf(body).every(({ target }) => target.id !== undefined),
    *read(body, { path }) {
      const index = indexOf(path);
      for (const action of actionsOf(body)) yield readOne(body, action, index);
    },
    answer(tally, head) {
      const took = Math.round(performance.now() - startMs);
      return elasticResponse(200, bulkItems({ took, actions: actions ?? [], tally, index: indexOf(head.path), head }));
    },
    refuse: (error) => refuseElastic(error),
  };
}

export function refuseElastic({ code, message, retryAfterS }: AppError): Response {
  const status = ERROR_STATUS[code];
  const cause = { type: ERROR_TYPES[code] ?? `${code.replaceAll('-', '_')}_exception`, reason: message };
  const retry = retryAfterS === undefined ? {} : { 'Retry-After': String(retryAfterS) };
  return elasticResponse(status, { error: { root_cause: [cause], ...cause }, status }, retry);
}

/** Of `/some/prefix/<index>/_bulk`; a name that begins with `_` is none. */
function indexOf(path: string): string | undefined {
  const [, name] = /([^/]+)\/_bulk\/?$/.exec(path) ?? [];
  if (name === undefined || name.startsWith('_') || name === 'elasticsearch') return undefined;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

function readOne(body: Buffer, { target, from, to }: Action, index: string | undefined): SourceEvent | Refused {
  const { operation } = target;
  if (operation === 'update' || operation === 'delete') {
    return new Refused(`${operation}: a journal only grows; expected create or index`);
  }
  if (from === to) return new Refused('the document after the action is missing');
  if (to - from > EVENT_BYTES_MAX) return new Refused(`expected a document of at most ${EVENT_BYTES_MAX} bytes`);
  let document: unknown;
  try {
    document = JSON.parse(body.toString('utf8', from, to));
  } catch (error) {
    return new Refused(`the document is not valid JSON: ${(error as Error).message}`);
  }
  if (!isRecord(document)) return new Refused('expected an object as the document');
  return documentEvent(document, { ...target, index: target.index ?? index });
}
