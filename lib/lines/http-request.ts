import { countDigits, digitsValue, isGap, QUOTE, SPACE, skipBlanks } from './characters.ts';

/** What a line of an access log tells of a request. */
export type HttpRequest = {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  /** Where the quote before the method stands. */
  readonly start: number;
  readonly bytes: string | undefined;
  readonly referer: string | undefined;
  readonly userAgent: string | undefined;
};

const METHODS = ['GET', 'POST', 'PUT', 'HEAD', 'DELETE', 'PATCH', 'OPTIONS', 'CONNECT', 'TRACE', 'PROPFIND', 'PURGE'];
const QUOTES_TRIED = 4;
const PATH_CHARS_MAX = 8 * 1024;

/**
 * Finds `"GET /path HTTP/1.1"` and the status: right behind it as Apache and nginx write it (a word may stand between), or
 * before it, as HAProxy does, where the request ends the line.
 */
export function findRequest(text: string): HttpRequest | undefined {
  let start = text.indexOf('"');
  for (let tried = 0; tried < QUOTES_TRIED && start >= 0; tried += 1) {
    const method = METHODS.find(
      (name) => text.startsWith(name, start + 1) && text.charCodeAt(start + 1 + name.length) === SPACE,
    );
    if (method) return readRequest(text, start, method);
    start = text.indexOf('"', start + 1);
  }
  return undefined;
}

function readRequest(text: string, start: number, method: string): HttpRequest | undefined {
  const end = text.indexOf('"', start + 1);
  const pathAt = start + method.length + 2;
  if (end < 0 || end - pathAt > PATH_CHARS_MAX) return undefined;
  const gap = text.indexOf(' ', pathAt);
  const path = text.slice(pathAt, gap >= 0 && gap < end ? gap : end);
  const at = skipBlanks(text, end + 1);
  const behind = statusAt(text, text.startsWith('status: ', at) ? at + 8 : at);
  const status = behind ?? statusBefore(text, start);
  if (status === undefined) return undefined;
  const bytesAt = at + 4;
  const digits = behind === undefined ? 0 : countDigits(text, bytesAt, 15);
  const isCombined = behind !== undefined && text.charCodeAt(at) <= 0x39;
  const bytes =
    isCombined && digits > 0 && isGap(text.charCodeAt(bytesAt + digits))
      ? text.slice(bytesAt, bytesAt + digits)
      : undefined;
  const [referer, userAgent] = isCombined ? quotedBehind(text, bytesAt) : [];
  return { method, path, status, start, bytes, referer, userAgent };
}

/** A status is three digits that stand alone. */
function statusAt(text: string, at: number): number | undefined {
  if (countDigits(text, at, 4) !== 3 || !isGap(text.charCodeAt(at + 3))) return undefined;
  const status = digitsValue(text, at, 3);
  return status >= 100 && status < 600 ? status : undefined;
}

/** The first status before the request that a count of bytes follows. */
function statusBefore(text: string, end: number): number | undefined {
  for (let at = text.indexOf(' '); at >= 0 && at < end; at = text.indexOf(' ', at + 1)) {
    const status = statusAt(text, at + 1);
    if (status !== undefined && countDigits(text, at + 5, 1) === 1) return status;
  }
  return undefined;
}

/** The two quoted texts of the combined format: where the reader came from, and with what. */
function quotedBehind(text: string, from: number): (string | undefined)[] {
  const found: (string | undefined)[] = [];
  let at = from;
  for (let count = 0; count < 2; count += 1) {
    const open = text.indexOf('"', at);
    const close = open < 0 ? -1 : text.indexOf('"', open + 1);
    // Quoted texts stand side by side: what is further away is another matter.
    if (close < 0 || (count > 0 && open - at > 2) || (count === 0 && open - at > 20)) break;
    const inside = text.slice(open + 1, close);
    found.push(inside === '-' || inside.length > PATH_CHARS_MAX ? undefined : inside);
    at = close + 1;
  }
  return text.charCodeAt(from) === QUOTE ? [] : found;
}

/**
 * The status of a request that stands without quotes, in columns: first and before a bar, as Gin writes it, or with two
 * numbers behind it, as W3C's format for IIS has it.
 */
export function findColumnStatus(text: string): number | undefined {
  const isRequest = METHODS.some((name) => text.includes(` ${name} `) || text.startsWith(`${name} `));
  if (!isRequest) return undefined;
  const first = statusAt(text, 0);
  if (first !== undefined && text.startsWith(' |', 3)) return first;
  for (let at = text.indexOf(' '); at >= 0; at = text.indexOf(' ', at + 1)) {
    const status = statusAt(text, at + 1);
    const next = status === undefined ? 0 : countDigits(text, at + 5, 12);
    if (next > 0 && text.charCodeAt(at + 5 + next) === SPACE && countDigits(text, at + 6 + next, 12) > 0) return status;
  }
  return undefined;
}
