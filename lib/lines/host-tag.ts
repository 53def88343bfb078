import { BRACKET_CLOSE, BRACKET_OPEN, COLON, isDigit, isGap, isLetter, skipBlanks } from './characters.ts';
import { skipDashes } from './head-token.ts';
import { levelWord } from './level-words.ts';
import type { ScannedTime } from './scan-time.ts';

export type HostTag = {
  readonly host: string;
  readonly tag: string;
  readonly pid: string | undefined;
  readonly end: number;
};

const HOST_CHARS_MAX = 255;
const TAG_CHARS_MAX = 128;

/**
 * What syslog (RFC 3164) has behind its time: `host tag[pid]:`. Behind a time of another shape it takes the pid, or a zone
 * in digits as syslog daemons write it, to tell a host from the first word of a message.
 */
export function scanHostTag(text: string, at: number, time: ScannedTime): HostTag | undefined {
  const hostEnd = runEnd(text, at, HOST_CHARS_MAX, isHostCharacter);
  if (hostEnd === at || hostEnd - at > HOST_CHARS_MAX || !isGap(text.charCodeAt(hostEnd))) return undefined;
  const host = text.slice(at, hostEnd);
  if (levelWord(host) || levelWord(host.slice(host.lastIndexOf('.') + 1))) return undefined;
  const dashed = skipBlanks(text, hostEnd);
  const tagAt = skipBlanks(text, skipDashes(text, dashed));
  const tagEnd = runEnd(text, tagAt, TAG_CHARS_MAX, isTagCharacter);
  if (tagEnd === tagAt || tagEnd - tagAt > TAG_CHARS_MAX) return undefined;
  const tag = text.slice(tagAt, tagEnd);
  if (text.charCodeAt(tagEnd) === BRACKET_OPEN) return scanPid(text, host, tag, tagEnd);
  const isSyslog = time.isBsd || (time.certainty === 'instant' && isDigit(text.charCodeAt(time.end - 1)));
  if (!isSyslog || text.charCodeAt(tagEnd) !== COLON || !isGap(text.charCodeAt(tagEnd + 1))) return undefined;
  return levelWord(tag) ? undefined : { host, tag, pid: undefined, end: tagEnd + 1 };
}

function scanPid(text: string, host: string, tag: string, open: number): HostTag | undefined {
  const close = runEnd(text, open + 1, 20, isDigit);
  if (close === open + 1 || text.charCodeAt(close) !== BRACKET_CLOSE) return undefined;
  const next = text.charCodeAt(close + 1);
  if (next !== COLON && !isGap(next)) return undefined;
  return { host, tag, pid: text.slice(open + 1, close), end: next === COLON ? close + 2 : close + 1 };
}

function runEnd(text: string, at: number, max: number, accepts: (code: number) => boolean): number {
  let end = at;
  while (end - at <= max && accepts(text.charCodeAt(end))) end += 1;
  return end;
}

function isHostCharacter(code: number): boolean {
  // Letters, digits, and - . / : @ _ of names and addresses.
  return isLetter(code) || (code >= 0x2d && code <= 0x3a) || code === 0x40 || code === 0x5f;
}

function isTagCharacter(code: number): boolean {
  // The same without the colon, which ends a tag, and with the parentheses of "sshd(pam_unix)".
  return (isHostCharacter(code) && code !== COLON) || code === 0x28 || code === 0x29 || code === 0x2b;
}
