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
  const attributes = readClient(text.slice(0, open));
  addRequest(attributes, request);
  return {
    timeMs: time.timeMs,
    inferredFrom: time.certainty === 'instant' ? undefined : text.slice(open + 1, time.end),
    level: levelOfStatus(request.status),
    message: text.slice(request.start),
    attributes,
    format: 'access',
  };
};

/** `client ident user`, with the virtual host before it where there is one; a dash is none. */
function readClient(before: string): Attributes {
  const parts = before.split(' ').filter((part) => part !== '');
  const user = parts.length >= 3 ? parts.pop() : '-';
  const ident = parts.length >= 2 ? parts.pop() : '-';
  const client = parts.pop();
  const attributes: Attributes = {};
  if (client !== undefined) attributes['client'] = client;
  if (ident !== undefined && ident !== '-') attributes['ident'] = ident;
  if (user !== undefined && user !== '-') attributes['user'] = user;
  if (parts.length > 0) attributes['source'] = parts.join(' ');
  return attributes;
}

export function addRequest(attributes: Attributes, request: HttpRequest): void {
  attributes['method'] = request.method;
  attributes['path'] = request.path;
  attributes['status'] = request.status;
  if (request.bytes !== undefined) attributes['bytes'] = Number(request.bytes);
  if (request.referer !== undefined) attributes['referer'] = request.referer;
  if (request.userAgent !== undefined) attributes['userAgent'] = request.userAgent;
}
