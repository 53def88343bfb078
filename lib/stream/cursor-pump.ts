import { isAppError } from '@/lib/core/errors.ts';
import type { ResourceOwner } from '@/lib/core/ledger.ts';
import { type JournalPage, readAfter } from '@/lib/journal/journal-reader.ts';
import type { JournalView } from '@/lib/journal/journal-view.ts';
import type { Cancellation } from './cancellation.ts';
import type { FanOutGroup } from './fan-out-group.ts';
import { pause } from './pause.ts';
import { ReplayPacer } from './replay-pacer.ts';
import type { SessionWriter } from './session-writer.ts';

export type CursorPumpOptions = {
  readonly journal: JournalView;
  readonly group: FanOutGroup;
  readonly writer: SessionWriter;
  readonly resources: ResourceOwner;
  readonly cancellation: Cancellation;
  readonly speed: number | undefined;
  now(): number;
  /** True while the session catches up; what is read after it has turned false is thrown away. */
  isBehind(): boolean;
  /** The cursor has come to the group's position. */
  onCaughtUp(): void;
  onError(error: unknown): void;
};

const PAGE_LIMITS = { eventsMax: 2000, bytesMax: 256 * 1024 };
/** After so many pages without a pause the loop gets a turn, so that one replay does not hold up the live streams. */
const PAGES_PER_TURN = 4;
/** Pause when there is nothing to read yet: the group's next tick has not come, or the store is behind the journal. */
const STALLED_MS = 20;
/** Between two tries while the history is away; half as much again at random, so that a thousand replays do not ask at once. */
const AWAY_MS = 500;

/**
 * Takes a session's cursor from where it stands to its group's position, while the sink is writable: by the group's kept
 * frames, the ring, the history. When the history is away it waits; the stream goes on where it was.
 */
export class CursorPump {
  readonly #options: CursorPumpOptions;
  readonly #pacer: ReplayPacer | undefined;
  #running = false;
  /** Everything up to here has been judged and sent. */
  cursor = 0;
  /** Seq of the last event sent, or where the stream began: the next event's `prev`. */
  lastMatch = 0;

  constructor(options: CursorPumpOptions) {
    this.#options = options;
    this.#pacer = options.speed === undefined ? undefined : new ReplayPacer(options.speed);
  }

  run(): void {
    if (this.#running || !this.#options.isBehind()) return;
    this.#running = true;
    this.#catchUp().catch((error: unknown) => {
      this.#running = false;
      this.#options.onError(error);
    });
  }

  async #catchUp(): Promise<void> {
    const { group, writer, isBehind, onCaughtUp, now } = this.#options;
    let pages = 0;
    while (writer.ready && isBehind()) {
      if (this.cursor === group.position) {
        onCaughtUp();
        continue;
      }
      const chunk = this.#pacer ? undefined : group.chunkFrom(this.cursor);
      // A shared chunk may name a `prev` beyond what this client has been told.
      if (chunk && chunk.previous <= writer.toldSeq) {
        writer.chunk(chunk);
        writer.writtenMs = now();
        this.cursor = chunk.to;
        this.lastMatch = chunk.lastMatch;
      } else {
        await this.#sendPage();
      }
      pages += 1;
      if (pages % PAGES_PER_TURN === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    }
    this.#running = false;
  }

  async #sendPage(): Promise<void> {
    const { journal, writer, isBehind } = this.#options;
    const from = this.cursor;
    const page = await this.#read();
    if (!page || !isBehind()) return;
    if (page.oldestSeq > this.cursor + 1) this.#tellGap(page.oldestSeq - 1);
    const due = this.#pacer ? await this.#pace(page, this.#pacer) : page;
    if (!isBehind()) return;
    if (due.events.length > 0) {
      writer.events(this.lastMatch, due.events, journal.durableSeq);
      this.lastMatch = due.events.at(-1)?.seq ?? this.lastMatch;
    }
    if (due === page && due.scannedTo <= from && this.cursor === from) await this.#wait(STALLED_MS);
    this.cursor = Math.max(this.cursor, due.scannedTo);
  }

  /** The next page; undefined when the history is away (after a wait) or the session has ended meanwhile. */
  async #read(): Promise<JournalPage | undefined> {
    const { journal, group, resources, cancellation, isBehind } = this.#options;
    const upTo = group.boundaryAfter(this.cursor);
    const signal = journal.ring.covers(this.cursor) ? undefined : cancellation.signal;
    const reading = readAfter(journal, this.cursor, upTo, group.filter, PAGE_LIMITS, signal);
    if (!(reading instanceof Promise)) return reading;
    resources.acquire('history-read');
    try {
      return await reading;
    } catch (error) {
      if (!isBehind()) return undefined;
      if (!isAppError(error) || error.code !== 'storage-unavailable') throw error;
    } finally {
      resources.release('history-read');
    }
    await this.#wait(AWAY_MS * (1 + Math.random() / 2));
    return undefined;
  }

  /** The part of a page that is due now; waits when none of it is. */
  async #pace(page: JournalPage, pacer: ReplayPacer): Promise<JournalPage> {
    const { count, waitMs } = pacer.due(page.events, this.#options.now());
    if (count === page.events.length) return page;
    if (count > 0) {
      const events = page.events.slice(0, count);
      return { ...page, events, scannedTo: events.at(-1)?.seq ?? this.cursor };
    }
    await this.#wait(waitMs);
    return { ...page, events: [], scannedTo: this.cursor };
  }

  #wait(ms: number): Promise<void> {
    return pause(ms, this.#options.resources, this.#options.cancellation);
  }

  #tellGap(to: number): void {
    const { writer } = this.#options;
    const [from, until] = [writer.position(this.cursor), writer.position(to)];
    writer.tell('gap', { from, to: until, missed: to - this.cursor, reason: 'retention' }, to);
    this.cursor = to;
    this.lastMatch = to;
  }
}
