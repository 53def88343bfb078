import { type ProtocolTotals, type SenderError, type SourcesPage, senderKey } from '@/lib/wire/source-pages.ts';

type Totals = Pick<ProtocolTotals, 'requests' | 'accepted' | 'rejected' | 'bytes' | 'senders'>;

/** What has come since a moment: what was there then, and since when each protocol was heard again. */
export type Hearing = {
  readonly sinceMs: number;
  readonly startedMs: number;
  readonly before: ReadonlyMap<string, Totals>;
  /** Others were sending by these already: only a sender or a service that was not there then is news. */
  readonly busy: ReadonlySet<string>;
  /** By the sender: the services that it had named when it was first seen. */
  readonly named: ReadonlyMap<string, readonly string[]>;
  /** By the protocol: the server's time when its first byte was noticed. */
  readonly firstMs: ReadonlyMap<string, number>;
};

/** What came of those protocols since the hearing began. */
export type Heard = {
  readonly firstMs: number;
  readonly address: string;
  readonly accepted: number;
  readonly rejected: number;
  /** The numbers are those of others too, who were sending before. */
  readonly isShared: boolean;
  /** Those that were not there before. */
  readonly services: readonly string[];
  /** The last one since then. */
  readonly error: SenderError | undefined;
};

type Frame = Pick<SourcesPage, 'nowMs' | 'startedMs' | 'protocols' | 'rows'>;

const NOTHING: Totals = { requests: 0, accepted: 0, rejected: 0, bytes: 0, senders: 0 };
/** Who was heard so lately goes on sending, more likely than not. */
const BUSY_MS = 15_000;

export function beginHearing({ nowMs, startedMs, protocols, rows }: Frame): Hearing {
  return {
    sinceMs: nowMs,
    startedMs,
    before: new Map(protocols.map((totals) => [totals.protocol, totals])),
    busy: new Set(protocols.flatMap(({ protocol, lastMs }) => (nowMs - lastMs < BUSY_MS ? protocol : []))),
    named: new Map(rows.map((row) => [senderKey(row), row.services])),
    firstMs: new Map(),
  };
}

/** The hearing with one more frame of the stream. A server that was started again counts from nothing. */
export function hear(hearing: Hearing, frame: Frame): Hearing {
  const isAgain = frame.startedMs !== hearing.startedMs;
  const before: Hearing['before'] = isAgain ? new Map() : hearing.before;
  // A row may come into sight late, by another filter or order: what it has named by then is no news.
  const unseen = frame.rows.filter((row) => row.firstMs < hearing.sinceMs && !hearing.named.has(senderKey(row)));
  const named = new Map([...hearing.named, ...unseen.map((row) => [senderKey(row), row.services] as const)]);
  const now = { ...hearing, startedMs: frame.startedMs, before, named };
  const fresh = frame.protocols.filter((totals) => !hearing.firstMs.has(totals.protocol) && isNews(now, frame, totals));
  if (!isAgain && fresh.length === 0 && unseen.length === 0) return hearing;
  const firstMs = new Map(hearing.firstMs);
  for (const { protocol, lastMs } of fresh) firstMs.set(protocol, Math.min(lastMs, frame.nowMs));
  return { ...now, firstMs };
}

function isNews(hearing: Hearing, frame: Frame, totals: ProtocolTotals): boolean {
  const was = hearing.before.get(totals.protocol);
  const { requests, bytes } = was ?? NOTHING;
  if (totals.requests <= requests && totals.bytes <= bytes) return false;
  if (!hearing.busy.has(totals.protocol)) return true;
  // After a new start everybody is a new sender, and few are a new service.
  const isNewSender = was !== undefined && totals.senders > was.senders;
  return isNewSender || newServices(hearing, frame, [totals.protocol]).length > 0;
}

function newServices({ named }: Hearing, { rows }: Frame, wanted: readonly string[]): string[] {
  const known = new Set([...named.values()].flat());
  const all = rows.filter(({ protocol }) => wanted.includes(protocol)).flatMap(({ services }) => services);
  return [...new Set(all)].filter((service) => !known.has(service));
}

/** Whether others were sending by one of the protocols when the hearing began. */
export function isBusy({ busy }: Hearing, wanted: readonly string[]): boolean {
  return wanted.some((protocol) => busy.has(protocol));
}

/** The last refusal since the hearing began, whoever it was that was refused. */
export function refusalOf(
  { sinceMs }: Hearing,
  { protocols }: Frame,
  wanted: readonly string[],
): SenderError | undefined {
  const errors = protocols.flatMap(({ protocol, lastError }) =>
    wanted.includes(protocol) && lastError && lastError.atMs >= sinceMs ? lastError : [],
  );
  return errors.sort((a, b) => b.atMs - a.atMs)[0];
}

/** Undefined while none of the protocols was heard. */
export function heardOf(hearing: Hearing, frame: Frame, wanted: readonly string[]): Heard | undefined {
  const heard = frame.protocols.filter(({ protocol }) => wanted.includes(protocol) && hearing.firstMs.has(protocol));
  const [first, ...others] = heard;
  if (!first) return undefined;
  const newest = others.reduce((best, totals) => (totals.lastMs > best.lastMs ? totals : best), first);
  const grown = (name: 'accepted' | 'rejected') =>
    heard.reduce((sum, totals) => sum + totals[name] - (hearing.before.get(totals.protocol) ?? NOTHING)[name], 0);
  return {
    firstMs: Math.min(...heard.map(({ protocol }) => hearing.firstMs.get(protocol) ?? Number.POSITIVE_INFINITY)),
    address: newest.lastAddress,
    accepted: grown('accepted'),
    rejected: grown('rejected'),
    isShared: heard.some(({ protocol }) => hearing.busy.has(protocol)),
    services: newServices(hearing, frame, wanted),
    error: refusalOf(hearing, frame, wanted),
  };
}
