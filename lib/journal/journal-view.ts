import type { HistoryStore, Lineage } from '@/lib/history/history-port.ts';
import type { HotRing } from './hot-ring.ts';
import type { ServiceNames } from './service-names.ts';

/** The read side of a journal, whether this process appends to it (`Journal`) or another one does (`Follower`). */
export type JournalView = {
  readonly epoch: string;
  /** The epoch before, and how far this one shares its positions. */
  readonly parent: Lineage | undefined;
  /** Seq of the newest event that has been shown, 0 when there is none. */
  readonly headSeq: number;
  /** Seq of the newest stored event; below `headSeq` while events are held. */
  readonly durableSeq: number;
  readonly oldestSeq: number;
  readonly held: { readonly events: number; readonly eventsMax: number };
  readonly ring: HotRing;
  readonly store: HistoryStore;
  readonly services: Pick<ServiceNames, 'list'>;
  /** Calls back when there is something new; returns the function that ends it. */
  onCommit(listener: () => void): () => void;
  /** Resolves when everything that was stored before the call can be seen here. Never rejects. */
  refresh(): Promise<void>;
  /** Retention removed everything before this seq. */
  noteOldest(seq: number): void;
  /** Under memory pressure: the ring holds half as much from now on, or as much as ever. */
  shortenRing(on: boolean): void;
};
