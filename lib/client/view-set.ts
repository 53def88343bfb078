import type { StreamedEvent } from '@/lib/core/event.ts';
import { compileFilter, type Filter, type Filterable, filterKey, widenFilter } from '@/lib/core/filter.ts';
import { RANK_NONE, rankOf } from '@/lib/core/level.ts';
import { continueAt, eventsAfter, later } from './batch-overlap.ts';
import { earliest } from './cursor.ts';
import type { Notice, StreamBatch } from './stream-batch.ts';
import type { TabNeed } from './tab-protocol.ts';

/** The part of a batch that is new to a view and passes its filter. */
export type ViewBatch = {
  readonly toCursor: string;
  readonly replay: boolean;
  readonly notices: readonly Notice[];
  readonly events: readonly StreamedEvent[];
};

export type ViewSpec = {
  readonly filter: Filter;
  /** The view has everything up to here. */
  readonly cursor: string;
  readonly onBatch: (batch: ViewBatch) => void;
};

type View = ViewSpec & { key: string; cursor: string; matches: (event: Filterable) => boolean };

/** True when a stream under `wide` brings everything that `narrow` lets through. */
export function covers(wide: Filter, narrow: Filter): boolean {
  return filterKey(widenFilter(wide, narrow)) === filterKey(wide);
}

/** What one stream must bring to serve all of these; undefined when nobody needs anything. */
export function joinNeeds(needs: readonly TabNeed[], epoch: string | undefined): TabNeed | undefined {
  const cursor = earliest(
    needs.map((need) => need.cursor),
    epoch,
  );
  if (cursor === undefined) return undefined;
  const filter = needs.map((need) => need.filter).reduce((wide, next) => widenFilter(wide, next));
  return { filter, cursor };
}

/** The body is made only for a filter that searches text: it is a getter. */
function filterable(event: StreamedEvent): Filterable {
  return {
    kind: event.kind,
    rank: event.kind === 'log' ? rankOf(event.level) : RANK_NONE,
    service: event.service,
    get body() {
      return JSON.stringify(event);
    },
  };
}

/** The views of one tab: each has its own filter and cursor over what the browser's one stream brings. */
export class ViewSet {
  #views = new Set<View>();

  /** Returns the function that closes the view. */
  open(spec: ViewSpec): () => void {
    const view = { ...spec, key: filterKey(spec.filter), matches: compileFilter(spec.filter) };
    this.#views.add(view);
    return () => {
      this.#views.delete(view);
    };
  }

  get need(): TabNeed | undefined {
    const views = [...this.#views];
    // Which journal is the current one is the leader's to know; among this tab's own views any order will do.
    return joinNeeds(views, undefined);
  }

  /** Hands every view its part. Returns false when a view must ask for events before this batch. */
  accept(batch: StreamBatch): boolean {
    let whole = true;
    const key = filterKey(batch.filter);
    for (const view of this.#views) {
      // A batch of a narrower stream proves nothing to this view; the leader is about to widen.
      if (view.key !== key && !covers(batch.filter, view.filter)) continue;
      whole = acceptInto(view, batch, key) && whole;
    }
    return whole;
  }
}

function acceptInto(view: View, batch: StreamBatch, key: string): boolean {
  const next = continueAt(view.cursor, batch);
  if (!next) return false;
  // By design another tab's earlier cursor makes the stream repeat what this view has: no loss, and no fault.
  const fresh = eventsAfter(next.cursor, batch.events);
  const events = view.key === key ? fresh : fresh.filter((event) => view.matches(filterable(event)));
  const toCursor = later(next.cursor, batch.toCursor);
  if (toCursor === view.cursor && next.notices.length === 0) return true;
  view.cursor = toCursor;
  view.onBatch({ toCursor, replay: batch.replay, notices: next.notices, events });
  return true;
}
