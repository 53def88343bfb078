import type { StreamedEvent } from '@/lib/core/event.ts';
import { FILTER_NONE, type Filter } from '@/lib/core/filter.ts';
import { type Cancel, FRAME_MS_MAX, type Scheduler } from './scheduler.ts';
import type { Notice, StreamBatch } from './stream-batch.ts';
import { EVENTS_PER_TASK } from './stream-reader.ts';

/**
 * Collects what a stream brings and hands it over once a frame: ten thousand events a second become sixty small
 * tasks. Holds at most EVENTS_PER_TASK events; a full batch does not wait for the frame.
 */
export class BatchWriter {
  readonly #scheduler: Scheduler;
  readonly #deliver: (batch: StreamBatch) => void;
  #filter: Filter = FILTER_NONE;
  #from: string | undefined;
  #to: string | undefined;
  #replay = false;
  #notices: Notice[] = [];
  #events: StreamedEvent[] = [];
  #pendingSinceMs: number | undefined;
  #cancelFrame: Cancel | undefined;

  constructor(scheduler: Scheduler, deliver: (batch: StreamBatch) => void) {
    this.#scheduler = scheduler;
    this.#deliver = deliver;
  }

  /** What was collected under the filter before goes out first, for it is complete under that filter only. */
  begin(filter: Filter, cursor: string | undefined): void {
    this.flush();
    this.#filter = filter;
    this.#from = cursor;
    this.#to = cursor;
  }

  /** The mode of the events that follow. */
  replay(replay: boolean): void {
    if (replay !== this.#replay) this.flush();
    this.#replay = replay;
  }

  /** `cursor` is where the stream stands after the notice. */
  notice(notice: Notice, cursor: string | undefined): void {
    if (this.#events.length > 0) this.flush();
    this.#notices.push(notice);
    this.moveTo(cursor);
    this.#schedule();
  }

  event(event: StreamedEvent): void {
    this.#events.push(event);
    this.moveTo(event.position);
    if (this.#events.length >= EVENTS_PER_TASK) this.flush();
  }

  moveTo(cursor: string | undefined): void {
    if (cursor === undefined || cursor === this.#to) return;
    this.#from ??= cursor;
    this.#to = cursor;
    this.#schedule();
  }

  /** Called when bytes come in: in a hidden tab they do so more reliably than timers fire. */
  flushIfDue(): void {
    if (this.#pendingSinceMs === undefined) return;
    if (this.#scheduler.now() - this.#pendingSinceMs >= FRAME_MS_MAX) this.flush();
  }

  flush(): void {
    this.#cancelFrame?.();
    this.#cancelFrame = undefined;
    if (this.#pendingSinceMs === undefined || this.#from === undefined || this.#to === undefined) return;
    const batch: StreamBatch = {
      filter: this.#filter,
      fromCursor: this.#from,
      toCursor: this.#to,
      replay: this.#replay,
      notices: this.#notices,
      events: this.#events,
    };
    this.#pendingSinceMs = undefined;
    this.#from = this.#to;
    this.#notices = [];
    this.#events = [];
    this.#deliver(batch);
  }

  #schedule(): void {
    this.#pendingSinceMs ??= this.#scheduler.now();
    this.#cancelFrame ??= this.#scheduler.frame(() => {
      this.#cancelFrame = undefined;
      this.flush();
    });
  }
}
