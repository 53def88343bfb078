import {
  BRACKET_CLOSE,
  BRACKET_OPEN,
  COLON,
  COMMA,
  DASH,
  isDigit,
  isGap,
  isLetter,
  isLower,
  isUpper,
  isWord,
  LINE_FEED,
  PAREN_CLOSE,
  PAREN_OPEN,
  PIPE,
  SPACE,
  skipBlanks,
  TAB,
} from './characters.ts';

/** What stands behind a token and sets it apart from what follows; a single space sets nothing apart. */
export type Mark = 'space' | 'wide' | 'tab' | 'colon' | 'dash' | 'pipe' | 'close' | 'end';

/** `name`: such as no sentence has it (`dfs.DataNode`, `R02-M1`, `KERNEL`); `word`: may be of a sentence; `group`: in brackets. */
export type TokenKind = 'number' | 'name' | 'word' | 'group';

export type HeadToken = {
  readonly kind: TokenKind;
  readonly text: string;
  readonly mark: Mark;
  readonly start: number;
  /** Where to go on. */
  readonly end: number;
};

const TOKEN_CHARS_MAX = 128;
const GROUP_CHARS_MAX = 256;

/** The token that begins here, or undefined for what only a message has: quotes, pairs, punctuation. */
export function scanToken(text: string, at: number, isInBracket: boolean): HeadToken | undefined {
  let end = at;
  for (; end - at <= TOKEN_CHARS_MAX; end += 1) {
    const code = text.charCodeAt(end);
    if (isGap(code) || code === PIPE || (isInBracket && (code === BRACKET_CLOSE || code === PAREN_CLOSE))) break;
    if (!isNameCharacter(code)) return undefined;
  }
  if (end === at || end - at > TOKEN_CHARS_MAX) return undefined;
  const last = text.charCodeAt(end - 1);
  const hasColon = last === COLON && isGap(text.charCodeAt(end));
  const tokenEnd = hasColon || last === COMMA ? end - 1 : end;
  if (tokenEnd === at) return undefined;
  const token = text.slice(at, tokenEnd);
  const mark = hasColon ? 'colon' : markBehind(text, end);
  return { kind: kindOf(token), text: token, mark, start: at, end };
}

/** What is in the brackets that open here; undefined when they do not close nearby. */
export function scanGroup(text: string, at: number): HeadToken | undefined {
  const open = text.charCodeAt(at);
  if (open !== BRACKET_OPEN && open !== PAREN_OPEN) return undefined;
  const close = open === BRACKET_OPEN ? BRACKET_CLOSE : PAREN_CLOSE;
  let depth = 0;
  for (let end = at; end - at < GROUP_CHARS_MAX; end += 1) {
    const code = text.charCodeAt(end);
    if (Number.isNaN(code) || code === LINE_FEED) return undefined;
    if (code === open) depth += 1;
    else if (code === close) depth -= 1;
    if (depth > 0) continue;
    const hasColon = text.charCodeAt(end + 1) === COLON && isGap(text.charCodeAt(end + 2));
    const inside = text.slice(at + 1, end).trim();
    return {
      kind: 'group',
      text: inside,
      mark: hasColon ? 'colon' : markBehind(text, end + 1),
      start: at,
      end: end + 1,
    };
  }
  return undefined;
}

/** What sets apart that which ends here from what comes next. */
export function markBehind(text: string, end: number): Mark {
  const code = text.charCodeAt(end);
  if (code === PIPE) return 'pipe';
  if (code === TAB) return 'tab';
  if (code === COLON) return 'colon';
  if (code === BRACKET_CLOSE || code === PAREN_CLOSE) return 'close';
  const next = skipBlanks(text, end);
  const nextCode = text.charCodeAt(next);
  if (Number.isNaN(nextCode) || nextCode === LINE_FEED || nextCode === 0x0d) return 'end';
  if (nextCode === PIPE) return 'pipe';
  if (nextCode === COLON && isGap(text.charCodeAt(next + 1))) return 'colon';
  if (nextCode === BRACKET_CLOSE || nextCode === PAREN_CLOSE) return 'close';
  if (next > end && skipDashes(text, next) > next) return 'dash';
  return next - end > 1 || text.charCodeAt(end) !== SPACE ? 'wide' : 'space';
}

/** Behind `-`, `--` or `---` when a blank or the end follows, otherwise where it began. */
export function skipDashes(text: string, at: number): number {
  let end = at;
  while (end - at < 3 && text.charCodeAt(end) === DASH) end += 1;
  return end > at && isGap(text.charCodeAt(end)) ? end : at;
}

/** Letters of any script, digits, and what joins the parts of a name. */
function isNameCharacter(code: number): boolean {
  return isLetter(code) || isDigit(code) || code > 0x7f || NAME_MARKS[code] === true;
}

const NAME_MARKS = Array.from({ length: 0x80 }, (_, code) =>
  '.,:_-/$@#+~<>()[]\\&'.includes(String.fromCharCode(code)),
);

function kindOf(token: string): TokenKind {
  let digits = 0;
  let uppers = 0;
  let lowers = 0;
  let humps = 0;
  let marks = 0;
  let wasLower = false;
  for (let index = 0; index < token.length; index += 1) {
    const code = token.charCodeAt(index);
    if (isDigit(code)) digits += 1;
    else if (isLower(code)) lowers += 1;
    else if (isUpper(code)) {
      uppers += 1;
      if (wasLower) humps += 1;
    } else if (code <= 0x7f) marks += 1;
    else return 'word';
    wasLower = isLower(code);
  }
  if (digits === token.length) return 'number';
  // "done." ends a sentence.
  if (token.endsWith('.')) return 'word';
  return digits > 0 || marks > 0 || humps > 0 || (lowers === 0 && uppers > 1) ? 'name' : 'word';
}

/** Whether a name is that of code: neither a number, nor a code in capitals, nor an exception, which the message tells of. */
export function isLoggerName(name: string): boolean {
  const first = name.charCodeAt(0);
  const begins = isLetter(first) || first === 0x5f || first === 0x24;
  if (!begins || name.endsWith('Exception') || name.endsWith('Error')) return false;
  return name !== name.toUpperCase();
}

const TAG_CHARS_MIN = 3;

/** Android's `E/ActivityManager( 123):` and `W/Tag:`, but not "A/B tests" or "I/O error: …". */
export function isTagged(text: string, at: number): boolean {
  let end = at;
  while (end - at < TOKEN_CHARS_MAX && isWord(text.charCodeAt(end))) end += 1;
  if (end - at < TAG_CHARS_MIN) return false;
  if (text.charCodeAt(end) === COLON) return isGap(text.charCodeAt(end + 1));
  return text.charCodeAt(end) === PAREN_OPEN && isDigit(text.charCodeAt(skipBlanks(text, end + 1)));
}
