import type { PreparedEvent } from '@/lib/core/prepared-event.ts';
import type { AppendName, EventSink, Placed } from '@/lib/ingest/named-appends.ts';

/** One append at a time: with two under way the second could be stored while the first is refused and tried again. */
export class OrderedSink implements EventSink {
  readonly #sink: EventSink;
  #last: Promise<unknown> = Promise.resolve();

  constructor(sink: EventSink) {
    this.#sink = sink;
  }

  append(events: readonly PreparedEvent[], name?: AppendName): Promise<Placed> {
    const placed = this.#last.then(() => this.#sink.append(events, name));
    this.#last = placed.catch(() => undefined);
    return placed;
  }
}
