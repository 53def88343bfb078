import type { Attributes } from '@/lib/core/event.ts';
import { BRACKET_CLOSE, skipBlanks } from './characters.ts';
import { findRequest, type HttpRequest } from './http-request.ts';
import { levelOfStatus } from './level-words.ts';
import type { Recogniser } from './line-format.ts';
import { scanTime } from './scan-time.ts';

const PREFIX_CHARS_MAX = 512;

/** The common and the combined format of web servers: `client ident user [time] "GET / HTTP/1.1" 200 2326 "…" "…"`. */
export const readAccessLine: Recogniser = (text, context) => {
  const open = text.indexOf('[');
  if (open <= 0 || open > PREFIX_CHARS_MAX) return undefined;
  const time = scanTime(text, open + 1, context);
  if (!time || text.charCodeAt(time.end) !== BRACKET_CLOSE) return undefined;
  const request = findRequest(text);
  if (request?.start !== skipBlanks(text, time.end + 1)) return undefined;
  const before = text.slice(0, open).trim();
  return {
    timeMs: time.timeMs,
    ...(time.certainty !== 'instant' && { inferredFrom: text.slice(open + 1, time.end) }),
    level: levelOfStatus(request.status),
    message: text.slice(request.start),
    attributes: { ...readClient(before), ...requestAttributes(request) },
    format: 'access',
  };
};

/** `client ident user`, with the virtual host before it where there is one. */
function readClient(before: string): Attributes {
  const parts = before.split(' ').filter((part) => part !== '');
  const user = parts.length >= 3 ? parts.pop() : undefined;
  const ident = parts.length >= 2 ? parts.pop() : undefined;
  const client = parts.pop();
  return {
    ...(client && client !== '-' && { client }),
    ...(ident && ident !== '-' && { ident }),
    ...(user && user !== '-' && { user }),
    ...(parts.length > 0 && { source: parts.join(' ') }),
  };
}

export function requestAttributes({ method, path, status, bytes, referer, userAgent }: HttpRequest): Attributes {
  return {
    method,
    path,
    status,
    ...(bytes !== undefined && { bytes: Number(bytes) }),
    ...(referer !== undefined && { referer }),
    ...(userAgent !== undefined && { userAgent }),
  };
}
