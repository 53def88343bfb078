import type { Config } from '@/lib/config/config.ts';
import { formatPosition } from '@/lib/core/position.ts';
import type { SenderBook } from '@/lib/ingest/sender-book.ts';
import type { OpenDoors, SenderRow, SourcesPage, UnchartedSamples } from '@/lib/wire/source-pages.ts';
import { senderKey } from '@/lib/wire/source-pages.ts';
import type { SourceQuery } from '@/lib/wire/source-query.ts';

export type SourceReportContext = {
  readonly config: Pick<Config, 'host' | 'scrape'>;
  readonly journal: { readonly epoch: string; readonly headSeq: number };
  readonly senders: SenderBook;
  readonly openPorts: Readonly<Record<string, number>>;
  uncharted(): UnchartedSamples;
};

/** Metrics without room that are named. */
const WORST_MAX = 5;

/** Everybody who sends, as the Sources page shows it. */
export function sourceReport(context: SourceReportContext, query: SourceQuery, nowMs: number): SourcesPage {
  const { journal, senders } = context;
  const all = senders.rows();
  const found = query.q === undefined ? all : all.filter(finder(query.q));
  const uncharted = context.uncharted();
  const open = query.open === undefined ? undefined : openSender(senders, query.open, uncharted, nowMs);
  return {
    nowMs,
    startedMs: senders.startedMs,
    head: formatPosition(journal.epoch, journal.headSeq),
    rows: sortSenders(found, query).slice(0, query.limit),
    matching: found.length,
    senders: all.length,
    forgotten: senders.forgotten,
    eventsPerSecond: sum(all, ({ eventsPerSecond }) => eventsPerSecond),
    bytesPerSecond: sum(all, ({ bytesPerSecond }) => bytesPerSecond),
    protocols: senders.protocols(),
    uncharted: { ...uncharted, worst: uncharted.worst.slice(0, WORST_MAX) },
    doors: openDoors(context),
    ...(open && { open }),
  };
}

function openSender(senders: SenderBook, key: string, { worst }: UnchartedSamples, nowMs: number): SourcesPage['open'] {
  for (const sender of senders.senders) {
    const { protocol, address, credential = null } = sender.id;
    if (senderKey({ protocol, address, credential }) !== key) continue;
    const row = sender.row(nowMs);
    // Who sent a sample is not known any more where it finds no room: its service is.
    const own = worst.filter(({ service }) => row.services.includes(service));
    return { row, errors: sender.errors, uncharted: own.reduce((sum, { samples }) => sum + samples, 0) };
  }
  return undefined;
}

function sum(rows: readonly SenderRow[], measure: (row: SenderRow) => number): number {
  return rows.reduce((total, row) => total + measure(row), 0);
}

function finder(text: string): (row: SenderRow) => boolean {
  const wanted = text.toLowerCase();
  return ({ protocol, address, credential, services, lastError }) =>
    [protocol, address, credential ?? '', ...services, lastError?.says ?? ''].some((each) =>
      each.toLowerCase().includes(wanted),
    );
}

type Sort = SourceQuery['sort'];
const MEASURES: Readonly<Record<Exclude<Sort, 'protocol' | 'address'>, (row: SenderRow) => number>> = {
  last: ({ lastMs }) => lastMs,
  accepted: ({ accepted }) => accepted,
  rejected: ({ rejected, limited, failed }) => rejected + limited + failed,
  late: ({ late }) => late,
  truncated: ({ truncated }) => truncated,
  // Whichever way it is wrong; who has no clock to compare comes last.
  skew: ({ skewMs }) => (skewMs === null ? -1 : Math.abs(skewMs)),
  bytes: ({ bytesPerSecond }) => bytesPerSecond,
  events: ({ eventsPerSecond }) => eventsPerSecond,
};

/** Equal ones by their names, so that rows do not change places among themselves from one second to the next. */
export function sortSenders(rows: readonly SenderRow[], { sort, order }: Pick<SourceQuery, 'sort' | 'order'>) {
  const sign = order === 'asc' ? 1 : -1;
  const compare = comparerOf(sort);
  return [...rows].sort((a, b) => sign * compare(a, b) || byText(senderKey(a), senderKey(b)));
}

function comparerOf(sort: Sort): (a: SenderRow, b: SenderRow) => number {
  if (sort === 'protocol' || sort === 'address') return (a, b) => byText(a[sort], b[sort]);
  const measure = MEASURES[sort];
  return (a, b) => measure(a) - measure(b);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function openDoors({ config, openPorts }: SourceReportContext): OpenDoors {
  const scrape = config.scrape.targets.map(({ job, url }) => ({ job, url: withoutPassword(url) }));
  return { host: config.host, ports: openPorts, scrape };
}

/** Who may look at the page need not know what the target asks for. */
function withoutPassword(text: string): string {
  const url = new URL(text);
  url.username = url.password = '';
  return url.href;
}
