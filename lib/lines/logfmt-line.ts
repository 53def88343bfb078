import { EQUALS, skipBlanks } from './characters.ts';
import { fromFields } from './json-line.ts';
import type { Recogniser } from './line-format.ts';
import { readKey, readLogfmt } from './logfmt.ts';

/** Keys that only loggers write. One pair without any of them is an assignment, not a line of logfmt. */
const LOGGER_KEYS = ['level', 'lvl', 'severity', 'msg', 'time', 'ts', 'timestamp', 'caller'];
const PAIRS_MIN = 2;

/** `time=… level=info msg="…" key=value`. Lines that follow it in the same text belong to the message. */
export const readLogfmtLine: Recogniser = (text, context, inner) => {
  const keyEnd = readKey(text, skipBlanks(text, 0));
  if (keyEnd < 0 || text.charCodeAt(keyEnd) !== EQUALS) return undefined;
  const read = readLogfmt(text);
  if (!read) return undefined;
  const isLogger = LOGGER_KEYS.some((key) => Object.hasOwn(read.fields, key));
  if (!isLogger && (read.strays > 0 || Object.keys(read.fields).length < PAIRS_MIN)) return undefined;
  const first = text.slice(0, read.end);
  const line = fromFields(read.fields, first, context, inner, 'logfmt');
  return read.end < text.length ? { ...line, message: line.message + text.slice(read.end) } : line;
};
