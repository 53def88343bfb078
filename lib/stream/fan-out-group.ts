import { compileFilter, type Filter } from '@/lib/core/filter.ts';
import { type CompiledFilter, readRing } from '@/lib/journal/journal-reader.ts';
import type { JournalView } from '@/lib/journal/journal-view.ts';
import type { WireFormat } from './wire-format.ts';

/** One frame's worth of the journal under a filter, encoded once: the events after `from` up to `to`. */
export type EncodedChunk = {
  readonly from: number;
  readonly to: number;
  /** `prev` of its first event; a reader whose client has not come so far must be told first. */
  readonly previous: number;
  /** Seq of its last event; `previous` when it holds none. */
  readonly lastMatch: number;
  readonly count: number;
  /** Some of its events said that they were not stored yet. */
  readonly isMarked: boolean;
  /** undefined when nothing in it matches the filter. */
  readonly bytes: Uint8Array | undefined;
};

/** A session that reads at the group's position. */
export type GroupMember = {
  /** Takes the chunk; false when the member has left the group because its sink is full or gone. */
  deliver(chunk: EncodedChunk): boolean;
  /** The member is no longer in the group and stands after `seq`. */
  fallBehind(seq: number): void;
};

const CHUNK_LIMITS = { eventsMax: 2000, bytesMax: 256 * 1024 };
const NOBODY: ReadonlySet<GroupMember> = new Set();
/** Recent chunks are kept for readers that fell behind a little. */
const KEPT_BYTES_MAX = 4 * 1024 * 1024;
const KEPT_CHUNKS_MAX = 512;

/** A chunk on its way to the members, and who has still to be visited. */
type Pass = { readonly chunk: EncodedChunk; readonly members: IterableIterator<GroupMember> };

/**
 * The sessions with one filter and one wire format (DESIGN invariant 5). The group walks the journal once for all of
 * them and encodes each stretch once; whoever stands at its position gets the same bytes.
 */
export class FanOutGroup {
  readonly key: string;
  readonly filter: CompiledFilter;
  readonly format: WireFormat;
  readonly #journal: JournalView;
  readonly #members = new Set<GroupMember>();
  #chunks: EncodedChunk[] = [];
  #keptBytes = 0;
  #position: number;
  #lastMatch: number;
  #pass: Pass | undefined;
  /** Sessions that will want to join: the group lives as long as it has any. */
  sessions = 0;
  lastWriteMs = 0;
  /** Frames encoded: one for all members. */
  encoded = 0;

  constructor(key: string, filter: Filter, format: WireFormat, journal: JournalView) {
    this.key = key;
    this.filter = { filter, matches: compileFilter(filter) };
    this.format = format;
    this.#journal = journal;
    this.#position = journal.headSeq;
    this.#lastMatch = journal.headSeq;
  }

  /** Everything up to here has been encoded and handed to the members. */
  get position(): number {
    return this.#position;
  }
  /** The `prev` of the next event. */
  get lastMatch(): number {
    return this.#lastMatch;
  }
  get memberCount(): number {
    return this.#members.size;
  }

  join(member: GroupMember): void {
    this.#members.add(member);
  }
  leave(member: GroupMember): void {
    this.#members.delete(member);
  }

  /** With nobody at its position it may stand at the head: what came meanwhile is for a replay, and not for `live`. */
  skipAhead(): void {
    if (this.#members.size === 0 && !this.#pass && this.#position < this.#journal.headSeq) {
      this.#jumpTo(this.#journal.headSeq);
    }
  }

  /**
   * Encodes one chunk and hands it out, or goes on handing out the last one; true when there is more to do up to a seq.
   * @param isOver asked after each delivery (40 ns beside 10 µs): the turn of the event loop is used up
   */
  advance(nowMs: number, upTo = this.#journal.headSeq, isOver: () => boolean = () => false): boolean {
    if (!this.#pass) {
      if (this.#position >= upTo) return false;
      if (!this.#journal.ring.covers(this.#position)) {
        this.#jumpTo(this.#journal.headSeq);
        return false;
      }
      const page = readRing(this.#journal, this.#position, upTo, this.filter, CHUNK_LIMITS);
      const chunk = this.#encode(page.events, page.scannedTo);
      if (chunk.bytes) this.lastWriteMs = nowMs;
      this.#pass = { chunk, members: chunk.bytes ? this.#members.values() : NOBODY.values() };
    }
    return !this.#handOut(this.#pass, isOver) || this.#position < upTo;
  }

  #encode(events: readonly { seq: number; kind: string; body: string }[], to: number): EncodedChunk {
    const { epoch, durableSeq } = this.#journal;
    const bytes = events.length > 0 ? this.format.events(epoch, this.#lastMatch, events, durableSeq) : undefined;
    if (bytes) this.encoded += 1;
    const lastMatch = events.at(-1)?.seq ?? this.#lastMatch;
    const isMarked = lastMatch > durableSeq && bytes !== undefined;
    return { from: this.#position, to, previous: this.#lastMatch, lastMatch, count: events.length, isMarked, bytes };
  }

  /**
   * Until everybody has it the group stands before the chunk: who joins meanwhile stands there too and is visited by the
   * same walk, and who has it already is ahead by its own cursor. False when the turn was over first.
   */
  #handOut({ chunk, members }: Pass, isOver: () => boolean): boolean {
    for (let next = members.next(); !next.done; next = members.next()) {
      if (!next.value.deliver(chunk)) this.#members.delete(next.value);
      if (isOver()) return false;
    }
    this.#pass = undefined;
    this.#position = chunk.to;
    this.#lastMatch = chunk.lastMatch;
    this.#keep(chunk);
    return true;
  }

  /**
   * The ring no longer holds what comes next (a store that came back with more than we knew). The members read it from
   * the history one by one and join again.
   */
  #jumpTo(head: number): void {
    const from = this.#position;
    this.#position = head;
    this.#lastMatch = head;
    this.#chunks = [];
    this.#keptBytes = 0;
    const members = [...this.#members];
    this.#members.clear();
    for (const member of members) member.fallBehind(from);
  }

  #keep(chunk: EncodedChunk): void {
    this.#chunks.push(chunk);
    this.#keptBytes += chunk.bytes?.length ?? 0;
    let drop = 0;
    while (this.#chunks.length - drop > KEPT_CHUNKS_MAX || this.#keptBytes > KEPT_BYTES_MAX) {
      this.#keptBytes -= this.#chunks[drop]?.bytes?.length ?? 0;
      drop += 1;
    }
    if (drop > 0) this.#chunks.splice(0, drop);
  }

  /** The kept chunk that begins exactly at a seq, unless it says of events that they are not stored, which they are now. */
  chunkFrom(seq: number): EncodedChunk | undefined {
    const chunk = this.#chunks[this.#indexAfter(seq)];
    if (chunk?.from !== seq) return undefined;
    return chunk.isMarked && this.#journal.durableSeq >= chunk.lastMatch ? undefined : chunk;
  }

  /** The next boundary of kept chunks after a seq, so that a reader between two boundaries can come to one. */
  boundaryAfter(seq: number): number {
    const first = this.#chunks[0];
    if (!first || seq < first.from) return first?.from ?? this.#position;
    return this.#chunks[this.#indexAfter(seq)]?.to ?? this.#position;
  }

  /** Index of the chunk that holds seq + 1, by bisection. */
  #indexAfter(seq: number): number {
    let low = 0;
    let high = this.#chunks.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#chunks[middle]?.to ?? 0) <= seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
