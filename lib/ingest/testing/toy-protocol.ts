import { AppError, ERROR_STATUS } from '@/lib/core/errors.ts';
import type { SourceEvent } from '@/lib/core/source.ts';
import { encodingOf } from '../body-bytes.ts';
import { type HttpProtocol, Refused } from '../http-protocol.ts';

/** The least that a protocol can be: a JSON list of events, compressed as its sender likes. */
export const toyProtocol: HttpProtocol = {
  name: 'toy',
  encodingOf: ({ header }) => encodingOf(header('content-encoding'), ['deflate', 'snappy']),
  *read(body) {
    let list: unknown;
    try {
      list = JSON.parse(body.toString());
    } catch (error) {
      throw new AppError('bad-request', `expected JSON: ${(error as Error).message}`);
    }
    if (!Array.isArray(list)) throw new AppError('bad-request', 'expected a list');
    for (const item of list as unknown[]) {
      yield typeof item === 'object' && item !== null ? (item as SourceEvent) : new Refused('expected an object');
    }
  },
  answer: ({ accepted, rejected, isHeld }) => Response.json({ accepted, rejected, isHeld }),
  refuse({ code, message, retryAfterS }) {
    const headers = retryAfterS === undefined ? {} : { 'Retry-After': String(retryAfterS) };
    return Response.json({ code, message }, { status: ERROR_STATUS[code], headers });
  },
};
