/** Something that went wrong, as the sender was told. */
export type SenderError = {
  readonly atMs: number;
  /** Of HTTP, where it was an answer. */
  readonly status?: number | undefined;
  readonly says: string;
  /** How often it was said. */
  readonly count: number;
};

/** One sender, and what has become of everything it has sent since the server's start. */
export type SenderRow = {
  readonly protocol: string;
  readonly address: string;
  readonly credential: string | null;
  /** The first twenty that it has named. */
  readonly services: readonly string[];
  readonly requests: number;
  readonly accepted: number;
  readonly rejected: number;
  /** Events that were older than five minutes when they came. */
  readonly late: number;
  readonly truncated: number;
  /** Samples without a value (NaN), exemplars: nothing of them is kept, and that is no mistake of the sender. Absent: 0. */
  readonly notKept?: number | undefined;
  readonly limited: number;
  readonly failed: number;
  /** As they came over the line. */
  readonly bytes: number;
  readonly bytesPerSecond: number;
  readonly eventsPerSecond: number;
  /** How far its newest events are ahead of this server's clock, in ms; negative: behind, or on the way for so long. */
  readonly skewMs: number | null;
  readonly firstMs: number;
  readonly lastMs: number;
  readonly lastError?: SenderError | undefined;
};

/** Who a row is about, as it stands in the address of the Sources page: "syslog 10.0.0.7", "otlp 10.0.0.7 ci". */
export function senderKey({ protocol, address, credential }: Pick<SenderRow, 'protocol' | 'address' | 'credential'>) {
  return `${protocol} ${address}${credential === null ? '' : ` ${credential}`}`;
}

/** Everything that came by one protocol since the server's start, also from senders that are forgotten. */
export type ProtocolTotals = Pick<
  SenderRow,
  'protocol' | 'requests' | 'accepted' | 'rejected' | 'late' | 'truncated' | 'notKept' | 'limited' | 'failed' | 'bytes'
> & {
  readonly senders: number;
  /** Of the sender that was heard last. */
  readonly lastMs: number;
  readonly lastAddress: string;
  readonly lastError?: SenderError | undefined;
};

/** Samples that are in the journal and not in the charts, since there was no room for their series. */
export type UnchartedSamples = {
  readonly samples: number;
  /** How many series; at least so many where `hasMoreSeries`. */
  readonly series: number;
  readonly hasMoreSeries: boolean;
  readonly seriesMax: number;
  /** The metrics with the most of these samples, the worst first. */
  readonly worst: readonly { readonly service: string; readonly name: string; readonly samples: number }[];
};

/** Where this server takes events besides its own port, and what it fetches by itself. A port is absent where it is off. */
export type OpenDoors = {
  readonly host: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly scrape: readonly { readonly job: string; readonly url: string }[];
};

/** The sender that the query opens. */
export type OpenSender = {
  readonly row: SenderRow;
  /** The last things that went wrong, the newest first. */
  readonly errors: readonly SenderError[];
  /** Samples of its services that are in no chart. */
  readonly uncharted: number;
};

/** Answer of `GET /api/sources`. Times in ms since 1970. */
export type SourcesPage = {
  readonly nowMs: number;
  readonly startedMs: number;
  /** The journal's head: a stream from here brings what comes next. */
  readonly head: string;
  readonly rows: readonly SenderRow[];
  /** Senders that the query fits, of which at most `limit` are in `rows`. */
  readonly matching: number;
  readonly senders: number;
  /** Senders of which no row is kept any more. */
  readonly forgotten: number;
  readonly eventsPerSecond: number;
  readonly bytesPerSecond: number;
  readonly protocols: readonly ProtocolTotals[];
  readonly uncharted: UnchartedSamples;
  readonly doors: OpenDoors;
  readonly open?: OpenSender | undefined;
};

/** Answer of `POST /api/sources/test`. */
export type TestLine = {
  /** Attribute `testId` of the event. */
  readonly id: string;
  readonly position: string;
  /** False: held in memory, since the history is away. */
  readonly durable: boolean;
  /** From the moment the journal had it to the moment it was stored. */
  readonly storedInMs: number;
};
