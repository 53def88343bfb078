import type { Level } from '@/lib/core/level.ts';
import {
  ANGLE_CLOSE,
  BRACKET_CLOSE,
  BRACKET_OPEN,
  COLON,
  COMMA,
  isGap,
  isUpper,
  LINE_FEED,
  PAREN_CLOSE,
  PAREN_OPEN,
  PIPE,
  SLASH,
  SPACE,
  skipBlanks,
} from './characters.ts';
import { HeadAttributes } from './head-attributes.ts';
import { type ScannedLevel, scanDotted, scanLetter, scanLevel } from './head-level.ts';
import { readSource } from './head-source.ts';
import { type HeadToken, isTagged, scanGroup, scanToken, skipDashes } from './head-token.ts';
import { scanHostTag } from './host-tag.ts';
import { levelOfLetter } from './level-words.ts';
import { scanSign } from './role-sign.ts';
import { type ScannedTime, scanTime, type TimeContext } from './scan-time.ts';

/** A head has few parts, and is short: beyond this everything is message. */
const TOKENS_MAX = 12;
const BRACKET_CHARS_MAX = 128;
const NONE: readonly HeadToken[] = [];

const METHODS = new Set(['GET', 'POST', 'PUT', 'HEAD', 'DELETE', 'PATCH', 'OPTIONS', 'CONNECT']);
/**
 * What stands before the message of a line: its time, its level, and the names and numbers between and around them. Goes
 * from token to token and stops at the first that may be of a sentence; what was passed without a time or a level behind
 * it belongs to the message.
 *
 * Private by type alone: marking an object as the owner of # members takes as long as reading a head.
 */
export class LineHead {
  time: ScannedTime | undefined;
  level: Level | undefined;
  service: string | undefined;
  isSyslog = false;
  readonly attributes = new HeadAttributes();
  /** Where the message begins; 0 when there is no head. */
  end = 0;
  private readonly text: string;
  private readonly context: TimeContext;
  private at: number;
  /** Brackets that were entered since a time or a level begins in them. */
  private open = 0;
  private pending: readonly HeadToken[] = NONE;
  private isLetter = false;

  constructor(text: string, context: TimeContext, at = 0) {
    this.text = text;
    this.context = context;
    this.at = at;
    this.readHead();
  }

  get isFound(): boolean {
    return this.time !== undefined || this.level !== undefined;
  }

  private readHead(): void {
    this.takeFirstLetter();
    for (let count = 0; count < TOKENS_MAX; count += 1) {
      this.at = this.skipMarks(this.at);
      if (this.time && this.level) break;
      if (this.takeTime()) {
        if (this.isSyslog) break;
      } else if (!this.takeLevel() && !this.takePending()) break;
    }
    if (!this.isFound || this.isSyslog) return;
    this.leaveBrackets();
    if (this.isLetter) this.skipRepeated();
    this.end = readSource(this.text, this.end, this);
  }

  /** What else stands in brackets that a time or a level begins: `[2024-… #1234]`, `[2024-… WARN my_crate]`. */
  private leaveBrackets(): void {
    const text = this.text;
    for (; this.open > 0; this.open -= 1) {
      const close = text.slice(this.end, this.end + BRACKET_CHARS_MAX).search(/[\])\n]/);
      if (close < 0 || text.charCodeAt(this.end + close) === LINE_FEED) break;
      const inside = text
        .slice(this.end, this.end + close)
        .replace(/^[\s/:,-]+/, '')
        .trimEnd();
      if (inside.startsWith('#') || inside.includes(' ')) this.attributes.putGroup(inside);
      else this.attributes.putName(inside);
      this.end += close + 1;
    }
    this.open = 0;
  }

  /** Ruby writes its level twice: `I, […]  INFO -- : …`. */
  private skipRepeated(): void {
    const at = skipBlanks(this.text, this.end);
    const again = scanLevel(this.text, at);
    if (again && again.level === this.level && !again.beside) this.end = again.end;
  }

  /** Ruby's `I, [2024-…` and Tornado's `[I 2024-…`: a letter that only the time behind it makes a level. */
  private takeFirstLetter(): void {
    const text = this.text;
    const isBracketed = text.charCodeAt(this.at) === BRACKET_OPEN;
    const at = isBracketed ? this.at + 1 : this.at;
    if (!isUpper(text.charCodeAt(at))) return;
    const next = text.charCodeAt(at + 1);
    const isRuby = !isBracketed && next === COMMA && text.startsWith(' [', at + 2);
    const isTornado = isBracketed && next === SPACE;
    const timeAt = at + (isRuby ? 4 : 2);
    if (!(isRuby || isTornado) || !scanTime(text, timeAt, this.context)) {
      if (next === SLASH && !isBracketed && isTagged(text, at + 2)) this.setLevel(scanLetter(text, at));
      return;
    }
    this.level = levelOfLetter(text.charAt(at));
    this.isLetter = true;
    this.open = 1;
    this.at = timeAt;
  }

  private takeTime(): boolean {
    if (this.time) return false;
    const text = this.text;
    const code = text.charCodeAt(this.at);
    const isBracketed = code === BRACKET_OPEN || code === PAREN_OPEN;
    const at = isBracketed ? skipBlanks(text, this.at + 1) : this.at;
    const time = scanTime(text, at, this.context);
    if (!time || !this.isPlausible(time)) return false;
    if (isBracketed) this.open += 1;
    this.time = time;
    for (const token of this.pending) {
      if (this.level === undefined) this.attributes.putBefore(token);
      else this.attributes.putToken(token);
    }
    this.anchor(time.end);
    if (this.level === undefined && this.open === 0) this.takeHostTag(time);
    return true;
  }

  /** A clock alone, or a number that could count seconds, is a time only where nothing but a level is before it. */
  private isPlausible(time: ScannedTime): boolean {
    if (this.pending.length === 0) return true;
    if (time.certainty === 'clock') return this.pending.every(({ kind }) => kind === 'group');
    return (
      time.certainty !== 'epoch' || (this.level === undefined && this.pending.every(({ mark }) => mark !== 'colon'))
    );
  }

  private takeHostTag(time: ScannedTime): void {
    const found = scanHostTag(this.text, skipBlanks(this.text, time.end), time);
    if (!found) return;
    this.isSyslog = true;
    this.attributes.put('host', found.host);
    this.service = found.tag;
    if (found.pid !== undefined) this.attributes.put('pid', found.pid);
    this.anchor(found.end);
  }

  private takeLevel(): boolean {
    if (this.level) return false;
    const text = this.text;
    const last = this.pending.at(-1);
    const scanned = scanLevel(text, this.at) ?? (this.time && scanDotted(text, this.at));
    if (scanned) {
      // Without a time a level has to be at the beginning, or behind something that is set apart.
      const isApart = this.time || this.pending.every(({ kind, mark }) => kind === 'group' || mark !== 'space');
      return isApart ? this.setLevel(scanned) : false;
    }
    if (!this.time) return false;
    if (last?.kind === 'number') return this.setLevel(scanLetter(text, this.at));
    return this.pending.length === 0 && this.setLevel(scanSign(text, this.at, this.attributes.values['source']));
  }

  private setLevel(scanned: ScannedLevel | undefined): boolean {
    if (!scanned) return false;
    this.level = scanned.level;
    for (const token of this.pending) this.attributes.putToken(token);
    if (scanned.finer) this.attributes.put('severity', scanned.finer);
    if (scanned.beside?.includes(' ')) this.attributes.putGroup(scanned.beside);
    else if (scanned.beside) this.attributes.putName(scanned.beside);
    this.anchor(scanned.end);
    return true;
  }

  private takePending(): boolean {
    const text = this.text;
    const last = this.pending.at(-1);
    // Behind "name:" only a time or a level goes on with the head.
    if (last?.mark === 'colon' && last.kind !== 'group') return false;
    const token = scanGroup(text, this.at) ?? scanToken(text, this.at, this.open > 0);
    if (!token || token.mark === 'end' || METHODS.has(token.text)) return false;
    if (token.kind === 'word' && token.mark === 'space' && this.open === 0 && !this.mayPassWord(token)) return false;
    this.pending = [...this.pending, token];
    this.at = token.end;
    return true;
  }

  /** One word between a time and a level in capitals is the name of a logger: "root INFO". */
  private mayPassWord(token: HeadToken): boolean {
    if (!this.time || this.pending.length > 0) return false;
    const at = skipBlanks(this.text, token.end);
    return (
      isUpper(this.text.charCodeAt(at)) &&
      isUpper(this.text.charCodeAt(at + 1)) &&
      scanLevel(this.text, at) !== undefined
    );
  }

  private anchor(end: number): void {
    this.end = end;
    this.at = end;
    this.pending = NONE;
  }

  /** What only separates: blanks, bars, dashes, colons and commas, and the ends of brackets that were entered. */
  private skipMarks(from: number): number {
    const text = this.text;
    let at = from;
    for (;;) {
      at = skipBlanks(text, at);
      const code = text.charCodeAt(at);
      if (this.open > 0 && (code === BRACKET_CLOSE || code === PAREN_CLOSE || code === ANGLE_CLOSE)) {
        this.open -= 1;
        for (const token of this.pending) this.attributes.putToken(token);
        this.anchor(at + 1);
        at += 1;
        continue;
      }
      if (code === PIPE || ((code === COLON || code === COMMA) && isGap(text.charCodeAt(at + 1)))) {
        at += 1;
        continue;
      }
      const behind = skipDashes(text, at);
      if (behind === at || this.isSign(at)) return at;
      at = behind;
    }
  }

  /** A dash may be a level, see `scanSign`. */
  private isSign(at: number): boolean {
    const isDue = this.time !== undefined && at > this.time.end && this.level === undefined;
    return isDue && scanSign(this.text, at, this.attributes.values['source']) !== undefined;
  }
}
