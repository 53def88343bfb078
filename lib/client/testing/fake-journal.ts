import type { PlacedEvent, TailraceEvent } from '@/lib/core/event.ts';
import { compileFilter, filterFromQuery } from '@/lib/core/filter.ts';
import { RANK_NONE, rankOf } from '@/lib/core/level.ts';
import { formatPosition, parsePosition } from '@/lib/core/position.ts';
import type { StreamFrame } from '@/lib/wire/frames.ts';
import type { HistoryPage } from '@/lib/wire/pages.ts';

export type Entry = { seq: number; kind: 'log' | 'metric'; rank: number; service: string; body: string };
export function logEvent(message: string, service = 'web', level: 'debug' | 'info' | 'error' = 'info'): TailraceEvent {
  return { kind: 'log', time: '2026-01-01T00:00:00.000Z', service, level, message };
}

/** The journal in memory behind the fake server. */
export class FakeJournal {
  epoch = 'EpochAA1';
  /** Everything up to this seq has been deleted. */
  retained = 0;
  protected entries: Entry[] = [];

  get head(): string {
    return formatPosition(this.epoch, this.entries.length);
  }

  protected store(events: readonly TailraceEvent[]): void {
    for (const event of events) {
      const rank = event.kind === 'log' ? rankOf(event.level) : RANK_NONE;
      const { kind, service } = event;
      this.entries.push({ seq: this.entries.length + 1, kind, rank, service, body: JSON.stringify(event) });
    }
  }

  protected empty(epoch: string): void {
    this.epoch = epoch;
    this.entries = [];
    this.retained = 0;
  }

  page(query: URLSearchParams): HistoryPage {
    const matches = compileFilter(filterFromQuery(query));
    const limit = Number(query.get('limit') ?? 500);
    const before = parsePosition(query.get('before') ?? '')?.seq ?? Number.POSITIVE_INFINITY;
    const all = this.entries.filter((entry) => entry.seq > this.retained && entry.seq < before && matches(entry));
    const events = all.slice(-limit).map((entry): PlacedEvent => {
      return { ...(JSON.parse(entry.body) as TailraceEvent), position: this.id(entry.seq) };
    });
    const first = events[0];
    const older = first !== undefined && all.length > events.length;
    return {
      events,
      head: this.head,
      before: older ? first.position : null,
      after: events.at(-1)?.position ?? this.head,
    };
  }

  protected startAt(
    asked: { epoch: string; seq: number } | undefined,
    connectionId: string,
    heartbeatMs: number,
  ): StreamFrame {
    const base = {
      connectionId,
      epoch: this.epoch,
      head: this.head,
      heartbeatMs,
    };
    if (asked?.epoch !== this.epoch) {
      return { ...base, state: 'reset', from: this.id(this.retained), missed: 0, reason: 'epoch' };
    }
    if (asked.seq < this.retained) {
      const missed = this.retained - asked.seq;
      return { ...base, state: 'gap', from: this.id(this.retained), missed, reason: 'retention' };
    }
    return { ...base, state: asked.seq < this.entries.length ? 'replay' : 'live', from: this.id(asked.seq) };
  }

  protected id(seq: number): string {
    return formatPosition(this.epoch, seq);
  }
}
