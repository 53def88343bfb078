import { createHash } from 'node:crypto';
import { CHUNK_LIMITS } from '@/lib/wire/ingest-chunk.ts';
import { eventLines, type LineOrigin } from './event-lines.ts';
import { type LineFormat, unwrapLine } from './line-format.ts';
import { GROUP_BYTES_MAX, type LineGroup, LineGroups } from './line-groups.ts';

/** What is sent in one request: the events of the bytes `from` to `to` of a source. */
export type Batch = {
  readonly from: number;
  readonly to: number;
  /** Of the bytes. With the range it names the batch. */
  readonly digest: string;
  /** Each a line of NDJSON. */
  readonly events: readonly string[];
  /** Lines of the source that these were. */
  readonly lines: number;
};

/** As many chunks as the server stores at the same time: one after the other they would wait for its disk alone. */
const LINES_MAX = 4 * CHUNK_LIMITS.eventsMax;
export const BATCH_BYTES_MAX = 512 * 1024;
/** A character of UTF-8 that is cut has at most so many bytes before the cut. */
const CUT_BYTES_MAX = 3;
const LINE_FEED = 0x0a;

export type BatchRules = {
  readonly format: LineFormat;
  readonly origin: LineOrigin;
  readonly nowMs: number;
  /** Groups that are open at the end have waited long enough for their next line. */
  readonly closesGroups: boolean;
  /** What has no line end at the end is a line all the same. */
  readonly takesRest: boolean;
};

/**
 * The first batch of the bytes in view; undefined when they hold nothing that is complete. It depends on these bytes
 * alone: read again up to where it ended, the same range gives the same events, which is what makes a repeat harmless.
 */
export function composeBatch(view: Buffer, from: number, rules: BatchRules): Batch | undefined {
  const { groups, ends, isFull } = gather(view, rules);
  const end = ends.at(-1) ?? 0;
  const open = groups.openSince;
  if (open !== undefined && rules.closesGroups && !isFull) groups.flush();
  let cut = groups.openSince === undefined ? end : safeCut(groups.done, groups.openSince);
  if (cut === 0 && isFull) {
    // One group that fills the batch, or streams so interleaved that there is no other place to cut.
    groups.flush();
    cut = end;
  }
  if (cut === 0) return undefined;
  const events: string[] = [];
  for (const group of groups.done) {
    if (group.end > cut || group.text.trim() === '') continue;
    events.push(...eventLines(group, rules.origin, rules.nowMs));
  }
  const digest = createHash('sha256').update(view.subarray(0, cut)).digest('hex').slice(0, 16);
  return { from, to: from + cut, digest, events, lines: countTo(ends, cut) };
}

/** Joins the lines of a view that belong together. */
function gather(view: Buffer, { format, takesRest }: BatchRules) {
  const groups = new LineGroups();
  const isPlain = format === 'plain';
  const cut = cutLines(view, takesRest, (text, start, end, isPiece) => {
    if (isPiece) groups.addPiece(text, start, end);
    else groups.add(isPlain ? { text } : unwrapLine(text, format), start, end);
  });
  return { groups, ...cut };
}

type EachLine = (text: string, start: number, end: number, isPiece: boolean) => void;

/** Cuts a view into the lines of one batch. `isFull` when there may be more of them in view. */
export function cutLines(view: Buffer, takesRest: boolean, each: EachLine) {
  const ends: number[] = [];
  let position = 0;
  while (ends.length < LINES_MAX && position < BATCH_BYTES_MAX) {
    const feed = view.indexOf(LINE_FEED, position);
    const length = (feed === -1 ? view.length : feed) - position;
    let next = feed + 1;
    // A piece that is read again has nothing behind it, and may have been cut before a character.
    const pieceBytesMin = takesRest ? GROUP_BYTES_MAX - CUT_BYTES_MAX : GROUP_BYTES_MAX;
    if (length >= pieceBytesMin && (feed === -1 || length > GROUP_BYTES_MAX)) {
      next = wholeCharacters(view, position, position + Math.min(length, GROUP_BYTES_MAX));
      each(view.toString('utf8', position, next), position, next, true);
    } else if (feed === -1) {
      if (!takesRest || length === 0) return { ends, isFull: false };
      next = view.length;
      each(textOf(view, position, next), position, next, false);
    } else {
      each(textOf(view, position, feed), position, next, false);
    }
    position = next;
    ends.push(next);
  }
  return { ends, isFull: true };
}

function countTo(ends: readonly number[], cut: number): number {
  let lines = ends.length;
  while (lines > 0 && (ends[lines - 1] ?? 0) > cut) lines -= 1;
  return lines;
}

/** The greatest place up to an open group that cuts no other group in two: streams may be interleaved. */
function safeCut(done: readonly LineGroup[], open: number): number {
  let cut = open;
  for (let isStable = false; !isStable; ) {
    isStable = true;
    for (const { start, end } of done) {
      if (start >= cut || end <= cut) continue;
      cut = start;
      isStable = false;
    }
  }
  return cut;
}

function textOf(view: Buffer, from: number, to: number): string {
  return view.toString('utf8', from, to > from && view[to - 1] === 0x0d ? to - 1 : to);
}

/** Moves an end back to where a character of UTF-8 begins; bytes that are none are cut anywhere. */
function wholeCharacters(view: Buffer, from: number, to: number): number {
  if (to >= view.length) return to;
  for (let end = to; end > to - CUT_BYTES_MAX - 1 && end > from; end -= 1) {
    if (((view[end] ?? 0) & 0xc0) !== 0x80) return end;
  }
  return to;
}
