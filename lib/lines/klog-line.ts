import type { Attributes } from '@/lib/core/event.ts';
import { isDay } from './calendar.ts';
import { BRACKET_CLOSE, countDigits, digitsValue, isGap, SPACE, skipBlanks } from './characters.ts';
import { levelOfLetter } from './level-words.ts';
import type { Recogniser } from './line-format.ts';
import { scanTime } from './scan-time.ts';

/** glog and klog: `I0131 10:00:00.123456    1234 server.go:42] message`, since glog 0.5 also with a year. */
export const readKlogLine: Recogniser = (text, context) => {
  if (!'IWEFD'.includes(text.charAt(0))) return undefined;
  const count = countDigits(text, 1, 9);
  if ((count !== 4 && count !== 8) || text.charCodeAt(1 + count) !== SPACE) return undefined;
  const monthAt = count === 8 ? 5 : 1;
  if (!isDay(undefined, digitsValue(text, monthAt, 2), digitsValue(text, monthAt + 2, 2))) return undefined;
  const clockEnd = nextGap(text, 2 + count);
  const day = `${text.slice(monthAt, monthAt + 2)}-${text.slice(monthAt + 2, monthAt + 4)}`;
  const stamp = `${count === 8 ? `${text.slice(1, 5)}-` : ''}${day} ${text.slice(2 + count, clockEnd)}`;
  const time = scanTime(stamp, 0, context);
  const threadAt = skipBlanks(text, clockEnd);
  const threadEnd = nextGap(text, threadAt);
  const placeAt = skipBlanks(text, threadEnd);
  const placeEnd = nextGap(text, placeAt);
  if (time?.end !== stamp.length || text.charCodeAt(placeEnd - 1) !== BRACKET_CLOSE) return undefined;
  const level = levelOfLetter(text.charAt(0));
  const attributes: Attributes = { tid: text.slice(threadAt, threadEnd), file: text.slice(placeAt, placeEnd - 1) };
  const message = text.slice(skipBlanks(text, placeEnd));
  return {
    timeMs: time.timeMs,
    inferredFrom: stamp,
    ...(level && { level }),
    message: message === '' ? text : message,
    attributes,
    format: 'klog',
  };
};

const PART_CHARS_MAX = 256;

function nextGap(text: string, at: number): number {
  let end = at;
  while (end - at < PART_CHARS_MAX && !isGap(text.charCodeAt(end))) end += 1;
  return end;
}
