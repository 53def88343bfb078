import type { Config } from '@/lib/config/config.ts';
import type { Source } from '@/lib/core/source.ts';
import type { SenderBook } from '@/lib/ingest/sender-book.ts';
import type { SourceFeed } from '@/lib/ingest/source-feed.ts';
import type { Journal } from '@/lib/journal/journal.ts';
import {
  createDemoSource,
  createHostSource,
  createProcessSource,
  createScrapeSource,
  type Gauge,
} from '@/lib/sources/index.ts';
import type { StreamHub } from '@/lib/stream/stream-hub.ts';
import type { IngestTotals } from './ingest-totals.ts';
import type { Logger } from './logger.ts';

export type SourcesContext = {
  readonly config: Config;
  readonly feed: SourceFeed;
  readonly journal: Journal;
  readonly hub: StreamHub;
  readonly ingestTotals: IngestTotals;
  readonly senders: SenderBook;
  readonly log: Logger;
  readonly logSource: Source;
};

/** Starts the configured sources; the function it returns stops them all. A source that fails does not stop the rest. */
export async function startSources(context: SourcesContext): Promise<() => Promise<void>> {
  const stops: (() => Promise<void>)[] = [];
  const sources: [protocol: string, source: Source][] = [
    ...pickSources(context).map((source): [string, Source] => ['built-in', source]),
    ...scrapes(context.config).map((source): [string, Source] => ['scrape', source]),
  ];
  for (const [protocol, source] of sources) {
    try {
      const sender = context.senders.of({ protocol, address: source.name });
      stops.push(await source.start(context.feed.sinkOf(sender)));
    } catch (error) {
      context.log.error({ err: error, source: source.name }, `source ${source.name} did not start`);
    }
  }
  return async () => {
    await Promise.allSettled(stops.map((stop) => stop()));
  };
}

function pickSources(context: SourcesContext): Source[] {
  const { config, logSource } = context;
  const byName = {
    host: () => createHostSource(),
    process: () => createProcessSource({ gauges: ownGauges(context) }),
    log: () => logSource,
  };
  const sources = config.sources.map((name) => byName[name]());
  return config.demo ? [...sources, createDemoSource(config.demo)] : sources;
}

function scrapes({ scrape }: Config): Source[] {
  const { targets, intervalMs, samplesMax } = scrape;
  return targets.map(({ job, url }) => createScrapeSource({ job, url, intervalMs, samplesMax }));
}

/** What only the composition root can see of this process. */
function ownGauges({ journal, hub, feed, ingestTotals }: SourcesContext): () => readonly Gauge[] {
  return () => {
    const delivered = hub.delivered;
    return [
      { name: 'connections', value: hub.connections, unit: '1', type: 'gauge' },
      { name: 'ingest.accepted', value: ingestTotals.accepted, unit: '1', type: 'counter' },
      { name: 'ingest.rejected', value: ingestTotals.rejected, unit: '1', type: 'counter' },
      { name: 'delivered.events', value: delivered.events, unit: '1', type: 'counter' },
      { name: 'delivered.bytes', value: delivered.bytes, unit: 'By', type: 'counter' },
      { name: 'journal.pending', value: journal.pendingEvents, unit: '1', type: 'gauge' },
      { name: 'sources.lost', value: feed.lost, unit: '1', type: 'counter' },
    ];
  };
}
