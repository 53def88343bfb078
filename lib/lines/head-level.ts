import type { Level } from '@/lib/core/level.ts';
import {
  ANGLE_CLOSE,
  ANGLE_OPEN,
  BRACKET_CLOSE,
  BRACKET_OPEN,
  COLON,
  COMMA,
  countLetters,
  DOT,
  isDigit,
  isGap,
  isLetter,
  isUpper,
  isWord,
  PAREN_CLOSE,
  PAREN_OPEN,
  PIPE,
  SLASH,
  skipBlanks,
} from './characters.ts';
import { markBehind, scanGroup } from './head-token.ts';
import { FACILITIES, LEVEL_WORD_CHARS_MAX, type LevelWord, levelOfLetter, levelWord } from './level-words.ts';

export type ScannedLevel = {
  readonly level: Level;
  /** The word as it stands, when it says more than the level does. */
  readonly finer?: string;
  readonly end: number;
  /** What else stands in its brackets. */
  readonly beside?: string;
};

/**
 * Reads a level that begins exactly here. The more a word is one of sentences, the more has to mark it as a level: in
 * capitals it may stand freely, otherwise a colon, a bar, brackets or a column has to follow.
 */
export function scanLevel(text: string, at: number): ScannedLevel | undefined {
  const code = text.charCodeAt(at);
  if (isLetter(code)) return scanWord(text, at);
  if (code === ANGLE_OPEN) return scanAngle(text, at);
  return code === BRACKET_OPEN || code === PAREN_OPEN ? scanInGroup(text, at) : undefined;
}

function scanWord(text: string, at: number): ScannedLevel | undefined {
  const code = text.charCodeAt(at);
  let count = countLetters(text, at, LEVEL_WORD_CHARS_MAX + 1);
  if (isDigit(text.charCodeAt(at + count))) count += 1;
  if (count < 3) return undefined;
  const word = text.slice(at, at + count);
  const known = levelWord(word);
  if (!known) return undefined;
  const end = at + count;
  const next = text.charCodeAt(end);
  const isMarked =
    next === COLON || next === PIPE || next === BRACKET_OPEN || next === BRACKET_CLOSE || next === PAREN_CLOSE;
  if (known.isUpper && !known.isDoubtful) {
    if (!isGap(next) && !isMarked && next !== COMMA && next !== SLASH) return undefined;
  } else if (known.isUpper) {
    if (!isMarked && markBehind(text, end) === 'space') return undefined;
  } else {
    const mark = markBehind(text, end);
    if (known.isDoubtful || (!isMarked && mark !== 'pipe' && mark !== 'tab' && mark !== 'wide' && mark !== 'dash')) {
      // .NET pads its levels to four letters.
      if (word !== 'fail' || next !== COLON) return undefined;
    }
    if (!isMarked && !isGap(next)) return undefined;
  }
  // "Error: …" names what was thrown as well: it stays in the message.
  if (!known.isUpper && isUpper(code) && next === COLON) return { level: known.level, end: at };
  return scanned(known, word, end);
}

function scanned({ level, isFiner }: LevelWord, word: string, end: number): ScannedLevel {
  return isFiner ? { level, end, finer: word } : { level, end };
}

function scanAngle(text: string, at: number): ScannedLevel | undefined {
  const count = countLetters(text, at + 1, LEVEL_WORD_CHARS_MAX + 1);
  const word = text.slice(at + 1, at + 1 + count);
  const known = levelWord(word);
  if (!known || text.charCodeAt(at + 1 + count) !== ANGLE_CLOSE) return undefined;
  return scanned(known, word, at + count + 2);
}

/** `[INFO]`, `[core:error]`, `[Server thread/INFO]`, `[WARN main]`, `[E]`: the level is all, the first or the last of it. */
function scanInGroup(text: string, at: number): ScannedLevel | undefined {
  const first = text.charCodeAt(skipBlanks(text, at + 1));
  if (!isLetter(first) && !isDigit(first)) return undefined;
  const group = scanGroup(text, at);
  if (!group) return undefined;
  const inside = group.text;
  const { end } = group;
  if (inside.length === 1) {
    const level = text.charCodeAt(at) === BRACKET_OPEN ? levelOfLetter(inside) : undefined;
    return level && { level, end };
  }
  const head = countLetters(inside, 0, LEVEL_WORD_CHARS_MAX + 1);
  const word = inside.slice(0, head);
  const known = levelWord(word);
  if (known && head === inside.length) return scanned(known, word, end);
  const divider = inside.charCodeAt(head);
  const isDivided = divider === COLON || divider === SLASH || divider === PIPE;
  if (known && !known.isDoubtful && (isDivided || (known.isUpper && isGap(divider)))) {
    return { level: known.level, end, beside: inside.slice(isDivided ? head + 1 : head).trim() };
  }
  const tail = Math.max(inside.lastIndexOf(':'), inside.lastIndexOf('/'));
  const last = tail > 0 ? levelWord(inside.slice(tail + 1)) : undefined;
  if (!last || (last.isDoubtful && !last.isUpper)) return undefined;
  return { level: last.level, end, beside: inside.slice(0, tail) };
}

/** A level of one letter that stands freely or before a tag: `D Tag:`, `E/Tag(12):`. */
export function scanLetter(text: string, at: number): ScannedLevel | undefined {
  if (!isUpper(text.charCodeAt(at))) return undefined;
  const next = text.charCodeAt(at + 1);
  const level = isGap(next) || next === SLASH ? levelOfLetter(text.charAt(at)) : undefined;
  return level && { level, end: next === SLASH ? at + 2 : at + 1 };
}

const DOTTED_CHARS_MAX = 64;

/** Monolog's `production.ERROR:` and the `daemon.info` of small syslogs: where it comes from and how bad it is. */
export function scanDotted(text: string, at: number): ScannedLevel | undefined {
  let end = at;
  let dot = -1;
  for (; end - at < DOTTED_CHARS_MAX && (isWord(text.charCodeAt(end)) || '.-'.includes(text.charAt(end))); end += 1) {
    if (text.charCodeAt(end) === DOT) dot = end;
  }
  const known = dot > at ? levelWord(text.slice(dot + 1, end)) : undefined;
  if (!known) return undefined;
  const source = text.slice(at, dot);
  const isMonolog = known.isUpper && text.charCodeAt(end) === COLON;
  if (!isMonolog && !(FACILITIES.includes(source) && isGap(text.charCodeAt(end)))) return undefined;
  return { level: known.level, end, beside: source, ...(known.isFiner && { finer: text.slice(dot + 1, end) }) };
}
