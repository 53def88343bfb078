import type { ProtocolTotals, SenderError, SourcesPage } from '@/lib/wire/source-pages.ts';

type Totals = Pick<ProtocolTotals, 'requests' | 'accepted' | 'rejected' | 'bytes'>;

/** What has come since a moment: what was there then, and since when each protocol was heard again. */
export type Hearing = {
  readonly sinceMs: number;
  readonly startedMs: number;
  readonly before: ReadonlyMap<string, Totals>;
  /** By the protocol: the server's time when its first byte was noticed. */
  readonly firstMs: ReadonlyMap<string, number>;
};

/** What came of those protocols since the hearing began. */
export type Heard = {
  readonly firstMs: number;
  readonly address: string;
  readonly accepted: number;
  readonly rejected: number;
  /** The last one since then. */
  readonly error: SenderError | undefined;
};

type Frame = Pick<SourcesPage, 'nowMs' | 'startedMs' | 'protocols'>;

const NOTHING: Totals = { requests: 0, accepted: 0, rejected: 0, bytes: 0 };

export function beginHearing({ nowMs, startedMs, protocols }: Frame): Hearing {
  return {
    sinceMs: nowMs,
    startedMs,
    before: new Map(protocols.map((totals) => [totals.protocol, totals])),
    firstMs: new Map(),
  };
}

/** The hearing with one more frame of the stream. A server that was started again counts from nothing. */
export function hear(hearing: Hearing, frame: Frame): Hearing {
  const isAgain = frame.startedMs !== hearing.startedMs;
  const before: Hearing['before'] = isAgain ? new Map() : hearing.before;
  const fresh = frame.protocols.filter((totals) => {
    const was = before.get(totals.protocol) ?? NOTHING;
    return !hearing.firstMs.has(totals.protocol) && (totals.requests > was.requests || totals.bytes > was.bytes);
  });
  if (!isAgain && fresh.length === 0) return hearing;
  const firstMs = new Map(hearing.firstMs);
  for (const { protocol, lastMs } of fresh) firstMs.set(protocol, Math.min(lastMs, frame.nowMs));
  return { sinceMs: hearing.sinceMs, startedMs: frame.startedMs, before, firstMs };
}

/** Undefined while none of the protocols was heard. */
export function heardOf(hearing: Hearing, { protocols }: Frame, wanted: readonly string[]): Heard | undefined {
  const heard = protocols.filter(({ protocol }) => wanted.includes(protocol) && hearing.firstMs.has(protocol));
  const [first, ...others] = heard;
  if (!first) return undefined;
  const newest = others.reduce((best, totals) => (totals.lastMs > best.lastMs ? totals : best), first);
  const grown = (name: 'accepted' | 'rejected') =>
    heard.reduce((sum, totals) => sum + totals[name] - (hearing.before.get(totals.protocol) ?? NOTHING)[name], 0);
  const { lastError } = newest;
  return {
    firstMs: Math.min(...heard.map(({ protocol }) => hearing.firstMs.get(protocol) ?? Number.POSITIVE_INFINITY)),
    address: newest.lastAddress,
    accepted: grown('accepted'),
    rejected: grown('rejected'),
    error: lastError && lastError.atMs >= hearing.sinceMs ? lastError : undefined,
  };
}
