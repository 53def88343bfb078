import type { PreparedEvent } from '@/lib/core/prepared-event.ts';
import { prepareEvent } from '@/lib/core/prepared-event.ts';
import type { SourceEvent } from '@/lib/core/source.ts';
import type { Sender } from './sender.ts';

export type SourceFeedOptions = {
  append(events: readonly PreparedEvent[]): Promise<unknown>;
  now(): number;
  /** Told, as a sentence, when events had to be given up; they are counted. */
  onLost(count: number): void;
};

const BUFFER_EVENTS_MAX = 20_000;
const APPEND_EVENTS_MAX = 2000;
const RETRY_MS = 1000;

/**
 * The way of built-in sources into the journal. They cannot be asked to wait, so events are buffered while the store is
 * away; beyond the bound the oldest go, counted and told.
 */
export class SourceFeed {
  readonly #options: SourceFeedOptions;
  #buffer: PreparedEvent[] = [];
  #sending = false;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;
  #lostSinceSuccess = 0;
  lost = 0;
  refused = 0;

  constructor(options: SourceFeedOptions) {
    this.#options = options;
  }

  /** The sink of one source, whose events are counted for it. */
  sinkOf(sender: Sender): (events: readonly SourceEvent[]) => void {
    return (events) => this.#take(events, sender);
  }

  #take(events: readonly SourceEvent[], sender: Sender): void {
    if (this.#closed) return;
    const nowMs = this.#options.now();
    let accepted = 0;
    for (const event of events) {
      const prepared = prepareEvent(event, nowMs);
      if (prepared.ok) {
        sender.observe(prepared.event, nowMs);
        sender.receive(prepared.event.body.length, nowMs);
        this.#buffer.push(prepared.event);
        accepted += 1;
      } else {
        sender.reject(prepared.error, nowMs);
        this.refused += 1;
      }
    }
    sender.accept(accepted, nowMs);
    this.#trim();
    if (!this.#timer) void this.#send();
  }

  async #send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    while (this.#buffer.length > 0) {
      const events = this.#buffer.splice(0, APPEND_EVENTS_MAX);
      try {
        await this.#options.append(events);
      } catch {
        if (this.#closed) break;
        this.#buffer = [...events, ...this.#buffer];
        this.#trim();
        this.#timer = setTimeout(() => this.#retry(), RETRY_MS);
        break;
      }
      this.#tellLost();
    }
    this.#sending = false;
  }

  #trim(): void {
    const excess = this.#buffer.length - BUFFER_EVENTS_MAX;
    if (excess <= 0) return;
    this.#buffer.splice(0, excess);
    this.lost += excess;
    this.#lostSinceSuccess += excess;
  }

  #retry(): void {
    this.#timer = undefined;
    void this.#send();
  }

  #tellLost(): void {
    if (this.#lostSinceSuccess === 0) return;
    const lost = this.#lostSinceSuccess;
    this.#lostSinceSuccess = 0;
    this.#options.onLost(lost);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#buffer = [];
  }
}
