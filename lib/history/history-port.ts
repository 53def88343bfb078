import type { AccessChanges, AccessSnapshot, AuditQuery, AuditRow } from '@/lib/core/access-record.ts';
import type { Filter } from '@/lib/core/filter.ts';
import type { MetricPage } from '@/lib/wire/pages.ts';

/** Which seqs are kept: all from `oldestSeq` to `headSeq`, none when the journal is empty (1 and 0). */
export type Bounds = { readonly oldestSeq: number; readonly headSeq: number };

export type SeriesRow = {
  readonly id: number;
  readonly service: string;
  readonly name: string;
  readonly labels: string;
  readonly type: 'gauge' | 'counter';
  readonly unit: string;
};

/** What an Idempotency-Key has stored: events first to last, and a digest of what was sent. */
export type Receipt = {
  readonly key: string;
  readonly digest: string;
  readonly firstSeq: number;
  readonly lastSeq: number;
};

/** One commit: all of it becomes durable, or none. Rows are consecutive, starting at `firstSeq`. */
export type Batch = {
  readonly firstSeq: number;
  readonly count: number;
  readonly receivedMs: number;
  /**
   * A JSON array of rows `[seq, timeMs, kind, rank, service, seriesId, value, start, length]`; the last two cut the body
   * out of `bodies`, in bytes, counted from 1 as SQL's substr does.
   */
  readonly rowsJson: string;
  /** All bodies, one after the other, in UTF-8: as JSON inside `rowsJson` SQLite would parse and write each anew. */
  readonly bodies: Uint8Array;
  /** Series met for the first time. */
  readonly series: readonly SeriesRow[];
  /** Metric samples as flat triples: series id, timeMs, value. */
  readonly samples: Float64Array;
  readonly receipts: readonly Receipt[];
};

export type ReadQuery = {
  readonly filter: Filter;
  /** Forward: events after this seq, oldest first. Backward: events before this seq, newest first. */
  readonly direction: 'forward' | 'backward';
  readonly from: number;
  readonly limit: number;
  /** No more rows once their bodies have reached so many bytes; the answer is one string, which has a greatest length. */
  readonly bytesMax?: number;
  /** Forward: do not look beyond this seq. */
  readonly upTo?: number;
};

/** A row as a stream needs it; `body` is the event's JSON without its position. */
export type HistoryRow = { readonly seq: number; readonly kind: 'log' | 'metric'; readonly body: string };

export type ReadResult = {
  readonly rows: HistoryRow[];
  /** Everything between `from` and here has been looked at: the cursor may move on even when nothing matched. */
  readonly scannedTo: number;
  /** The oldest seq kept when this was read: beyond `from + 1` it means that retention passed the reader by. */
  readonly oldestSeq: number;
};

export type MetricQuery = {
  readonly fromMs: number;
  readonly toMs: number;
  /** Points wanted for each series. */
  readonly width: number;
  readonly services?: readonly string[];
  readonly name?: string;
};

/** The journal went on under a new epoch: up to `seq` its events are those of `epoch`, later positions of that are void. */
export type Lineage = { readonly epoch: string; readonly seq: number };

export type OpenOptions = {
  /**
   * An epoch of which positions were given away that may not be stored (`*`: it is not known which). If it is the present
   * one, the journal goes on under a new epoch, so that these positions never mean other events.
   */
  readonly lostEpoch?: string;
};

export type Opened = Bounds & {
  readonly epoch: string;
  readonly parent?: Lineage;
  readonly series: readonly SeriesRow[];
  /** When the newest event was committed, ms since 1970; 0 when there is none. */
  readonly headReceivedMs: number;
};

/** A page for who follows a journal that another process appends to; more than `behindMax` behind it gets no rows. */
export type FollowLimits = { readonly limit: number; readonly bytesMax: number; readonly behindMax: number };

/** Where the followed journal stands, and the events after the asked seq, or as many as the page holds. */
export type Followed = Bounds & Pick<Opened, 'epoch' | 'parent'> & { readonly rows: readonly HistoryRow[] };

/** What is kept of a client of MQTT that will come back. */
export type MqttSessionRow = {
  /** Whose it is and its client id, as the gateway writes them. */
  readonly key: string;
  /** JSON of the gateway's own. */
  readonly subscriptions: string;
  /** Served, and acknowledged where that is asked for, up to `seq` of this epoch. */
  readonly epoch: string;
  readonly seq: number;
  /** The newest event that has been written to it. */
  readonly sentSeq: number;
  /** The packet identifier of the first message after `seq` that asks for an acknowledgement. */
  readonly packetId: number;
  readonly seenMs: number;
  readonly expiresMs: number;
};

export type MqttSessionChanges = {
  readonly saved: readonly MqttSessionRow[];
  /** Keys. */
  readonly removed: readonly string[];
  /** What has expired by now is forgotten. */
  readonly nowMs: number;
  /** The rest is, but for so many that have been seen last. */
  readonly keptMax: number;
};

/** Limits of what is kept; whichever is reached first removes the oldest events. */
export type RetentionLimits = { readonly ageMs: number; readonly bytesMax: number };

export type RetentionResult = { readonly removed: number; readonly bytes: number; readonly oldestSeq: number };

/**
 * Durable history. All methods reject with an Error; `append` has then stored nothing, unless `bounds` says otherwise. A
 * call whose signal is aborted rejects with the signal's reason at once; it does not begin when it has not yet.
 */
export type HistoryStore = {
  /** Migrates, and tells where the journal stands. May be called again after a failure. */
  open(options?: OpenOptions): Promise<Opened>;
  append(batch: Batch): Promise<void>;
  read(query: ReadQuery, signal?: AbortSignal): Promise<ReadResult>;
  bounds(): Promise<Bounds>;
  /** The first seq whose event is not older than `timeMs`; headSeq + 1 when there is none. */
  seqAtTime(timeMs: number, signal?: AbortSignal): Promise<number>;
  receipts(keys: readonly string[], signal?: AbortSignal): Promise<Receipt[]>;
  queryMetrics(query: MetricQuery, signal?: AbortSignal): Promise<Omit<MetricPage, 'position'> & { headSeq: number }>;
  mqttSession(key: string): Promise<MqttSessionRow | undefined>;
  saveMqttSessions(changes: MqttSessionChanges): Promise<void>;
  /** Who may come in; undefined when nothing has changed since the version that is known. */
  accessSnapshot(known?: number): Promise<AccessSnapshot | undefined>;
  saveAccess(changes: AccessChanges): Promise<void>;
  audit(query: AuditQuery): Promise<AuditRow[]>;
  /** One slice of clean-up; call again while it removes something. */
  retain(limits: RetentionLimits, nowMs: number): Promise<RetentionResult>;
  /** Only where another process appends: what is new after a seq. */
  follow?(after: number, limits: FollowLimits): Promise<Followed>;
  /** Gives up everything that is running, which has then failed, and begins anew with the next call. */
  restart?(cause: Error): void;
  close(): Promise<void>;
};
