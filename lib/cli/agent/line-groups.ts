import type { Level } from '@/lib/core/level.ts';
import { LineJoiner } from '@/lib/lines/line-joiner.ts';
import type { UnwrappedLine } from './line-format.ts';

/** Lines that are one event: a stack trace, a record that a container runtime has cut. */
export type LineGroup = {
  readonly text: string;
  readonly timeMs?: number | undefined;
  readonly stream?: string | undefined;
  /** Where its first line begins and its last one ends. */
  readonly start: number;
  readonly end: number;
  /** Where the text says none. */
  readonly level?: Level;
  /** The line was too long for one event, and goes on in the next. */
  readonly continues?: boolean;
};

/** Of one event, so that it keeps below what the server takes as a message. */
export const GROUP_BYTES_MAX = 192 * 1024;

/** Gathers the lines of one batch, each stream's by themselves, and knows where the oldest unfinished group begins. */
export class LineGroups {
  readonly #streams = new Map<string | undefined, StreamGroups>();
  readonly done: LineGroup[] = [];

  /** @param start where the line begins, `end` where the next one does */
  add(line: UnwrappedLine, start: number, end: number): void {
    const stream = this.#streams.get(line.stream) ?? new StreamGroups(line.stream, this.done);
    this.#streams.set(line.stream, stream);
    stream.add(line, start, end);
  }

  /** A piece of a line that is too long to be joined with anything. */
  addPiece(text: string, start: number, end: number): void {
    this.flush();
    this.done.push({ text, start, end, continues: true });
  }

  /** Undefined when no group is open. */
  get openSince(): number | undefined {
    const starts = [...this.#streams.values()].flatMap(({ openSince }) => openSince ?? []);
    return starts.length === 0 ? undefined : Math.min(...starts);
  }

  flush(): void {
    for (const stream of this.#streams.values()) stream.flush();
  }
}

class StreamGroups {
  readonly #stream: string | undefined;
  readonly #done: LineGroup[];
  readonly #joiner = new LineJoiner({ bytesMax: GROUP_BYTES_MAX });
  /** What the joiner holds. */
  #open: Span | undefined;
  /** A line whose rest has yet to come. */
  #partial: (Span & { readonly text: string }) | undefined;

  constructor(stream: string | undefined, done: LineGroup[]) {
    this.#stream = stream;
    this.#done = done;
  }

  get openSince(): number | undefined {
    return this.#open?.start ?? this.#partial?.start;
  }

  add({ text, timeMs, isPartial }: UnwrappedLine, start: number, end: number): void {
    const partial = this.#partial;
    const span = { start: partial?.start ?? start, end, timeMs: partial ? partial.timeMs : timeMs };
    const whole = partial ? partial.text + text : text;
    this.#partial = undefined;
    if (!isPartial) this.#join(whole, span);
    else if (whole.length < GROUP_BYTES_MAX) this.#partial = { ...span, text: whole };
    else {
      this.#close();
      this.#push(whole, span, true);
    }
  }

  flush(): void {
    const partial = this.#partial;
    this.#partial = undefined;
    if (partial) this.#join(partial.text, partial);
    this.#close();
  }

  #join(text: string, span: Span): void {
    const before = this.#open;
    const complete = this.#joiner.feed(text, 0);
    const isOpen = this.#joiner.dueMs !== undefined;
    if (complete.length === 0) {
      const grown = before ? { ...before, end: span.end } : span;
      this.#open = isOpen ? grown : undefined;
      return;
    }
    // What comes out ends before this line, unless the joiner keeps nothing back: then the last of it ends with it.
    for (const [index, message] of complete.entries()) {
      const isOwn = !isOpen && index === complete.length - 1;
      if (!isOwn) this.#push(message, before ?? span);
      else if (complete.length > 1 || !before) this.#push(message, span);
      else this.#push(message, { ...before, end: span.end });
    }
    this.#open = isOpen ? span : undefined;
  }

  #close(): void {
    const open = this.#open;
    if (!open) return;
    for (const message of this.#joiner.flush()) this.#push(message, open);
    this.#open = undefined;
  }

  #push(text: string, { start, end, timeMs }: Span, continues = false): void {
    this.#done.push({ text, start, end, timeMs, stream: this.#stream, continues });
  }
}

/** Where the first line begins and was written, and where the last one ends. */
type Span = { readonly start: number; readonly end: number; readonly timeMs: number | undefined };
