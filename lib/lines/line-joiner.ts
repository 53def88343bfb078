import { MESSAGE_BYTES_MAX } from '@/lib/core/event.ts';
import { stripAnsi } from '@/lib/core/strip-ansi.ts';
import { isBlankText } from './characters.ts';
import { type ContainerLine, peelContainer } from './container-line.ts';
import { type LineStart, startOf } from './line-start.ts';
import { beginsTrace, isCloser, isIndented, isTraceLine, nextState, type TraceState } from './trace-lines.ts';

export type LineJoinerOptions = {
  /** Lines of one text; default 500. */
  linesMax?: number;
  /** Bytes of one text as UTF-8, unless a single line has more; default: those of a message. */
  bytesMax?: number;
  /** How long a text waits for its next line; default 250 ms. */
  waitMs?: number;
};

const LINES_MAX = 500;
const WAIT_MS = 250;
/** A text whose lines keep coming one by one is ended all the same after so many times the wait. */
const WAITS_MAX = 20;
const BLANKS_MAX = 3;

/** How sure it is that lines of this stream begin with a time: rises at each that does, fades with each that does not. */
const TIMED_RISE = 0.5;
const TIMED_FADE = 0.97;
const TIMED_MIN = 0.3;

type OpenText = {
  readonly lines: string[];
  /** The wrapping of the first line, when a container's runtime has put one around it, and that line itself. */
  readonly container: ContainerLine | undefined;
  readonly whole: string;
  readonly start: LineStart;
  readonly firstMs: number;
  lastMs: number;
  bytes: number;
  blanks: number;
  state: TraceState;
  isPartial: boolean;
};

/**
 * Joins the lines of a stack trace, or of another text of several lines, into one text: what is indented, what has the look
 * of a trace, and, in a stream whose lines begin with times, what has none. Pieces into which a container's runtime has cut
 * a line are put together. Bounded by lines, bytes and time; two lines that begin with times are never joined. Blank lines
 * are kept within a text alone.
 */
export class LineJoiner {
  readonly #linesMax: number;
  readonly #bytesMax: number;
  readonly #waitMs: number;
  #open: OpenText | undefined;
  #timed = 0;

  constructor(options: LineJoinerOptions = {}) {
    this.#linesMax = options.linesMax ?? LINES_MAX;
    this.#bytesMax = options.bytesMax ?? MESSAGE_BYTES_MAX;
    this.#waitMs = options.waitMs ?? WAIT_MS;
  }

  /** The texts that are complete now. */
  feed(line: string, nowMs: number): string[] {
    const done = this.#open && nowMs >= (this.dueMs ?? nowMs) ? this.flush() : [];
    const container = peelContainer(line);
    const content = container?.content ?? line;
    const bytes = Buffer.byteLength(line) + 1;
    const open = this.#open;
    if (open?.isPartial && container?.stream === open.container?.stream && open.bytes + bytes <= this.#bytesMax) {
      open.lines.push((open.lines.pop() ?? '') + content);
      return this.#grow(open, bytes, nowMs, container?.isPartial ?? false, done);
    }
    if (isBlankText(content)) {
      if (open) open.blanks += 1;
      return done;
    }
    const seen = stripAnsi(content);
    const start = isObject(seen) ? 'structured' : startOf(seen);
    const isTrace = start !== 'timed' && (isIndented(seen) || isTraceLine(seen, open?.state ?? 'none'));
    const goesOn = open !== undefined && this.#goesOn(open, seen, start, isTrace, container);
    if (start === 'timed') this.#timed += (1 - this.#timed) * TIMED_RISE;
    else if (!isTrace) this.#timed *= TIMED_FADE;
    if (goesOn && open.lines.length + open.blanks < this.#linesMax && open.bytes + bytes <= this.#bytesMax) {
      for (; open.blanks > 0; open.blanks -= 1) open.lines.push('');
      open.lines.push(content);
      open.state = nextState(seen, open.state);
      return this.#grow(open, bytes, nowMs, container?.isPartial ?? false, done);
    }
    done.push(...this.flush());
    const isPartial = container?.isPartial ?? false;
    const state = goesOn ? open.state : nextState(seen, 'none');
    // What goes on with a text that became too long goes on with its second part as well.
    const begun = goesOn ? open.start : start;
    this.#open = {
      lines: [content],
      container,
      whole: line,
      start: begun,
      firstMs: nowMs,
      lastMs: nowMs,
      bytes,
      blanks: 0,
      state,
      isPartial,
    };
    return start === 'structured' && isObject(seen) && !isPartial ? [...done, ...this.flush()] : done;
  }

  /** Ends the text that is open. */
  flush(): string[] {
    const open = this.#open;
    this.#open = undefined;
    if (!open) return [];
    const { lines, container, whole, isPartial } = open;
    if (lines.length === 1 && !(container?.isPartial && !isPartial) && lines[0] === (container?.content ?? whole)) {
      return [whole];
    }
    const text = lines.join('\n');
    return [container ? container.wrap(text) : text];
  }

  /** When `flush` is due, or undefined. */
  get dueMs(): number | undefined {
    if (!this.#open) return undefined;
    const { firstMs, lastMs } = this.#open;
    return Math.min(lastMs + this.#waitMs, firstMs + this.#waitMs * WAITS_MAX);
  }

  #grow(open: OpenText, bytes: number, nowMs: number, isPartial: boolean, done: string[]): string[] {
    open.bytes += bytes;
    open.lastMs = nowMs;
    open.isPartial = isPartial;
    const isWhole = open.lines[0]?.trim() === '{' && open.lines.at(-1)?.trimEnd() === '}';
    return isWhole ? [...done, ...this.flush()] : done;
  }

  #goesOn(
    open: OpenText,
    line: string,
    start: LineStart,
    isTrace: boolean,
    container: ContainerLine | undefined,
  ): boolean {
    if (start === 'timed' || start === 'structured' || open.start === 'structured') return false;
    if (container?.stream !== open.container?.stream || open.blanks > BLANKS_MAX) return false;
    if (isTrace) return true;
    if (isCloser(line)) return open.lines.length > 1;
    if (open.start === 'levelled' && beginsTrace(line)) return true;
    if (open.start !== 'timed' || this.#timed < TIMED_MIN) return false;
    // java.util.logging has the level on the second line.
    return start === 'plain' || open.lines.length === 1;
  }
}

/** A line that is an object is complete in itself. */
function isObject(line: string): boolean {
  return line.startsWith('{') && (line.endsWith('}') || line.trimEnd().endsWith('}')) && line.length > 2;
}
