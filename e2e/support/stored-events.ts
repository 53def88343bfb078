import type { LogEvent, PlacedEvent } from '@/lib/core/event.ts';
import type { HistoryPage } from '@/lib/wire/pages.ts';
import { until } from './wait.ts';

const PAGE_EVENTS = 1000;

/** Everything in a server's journal, in its order. */
export async function storedEvents(url: string, query = ''): Promise<PlacedEvent[]> {
  const all: PlacedEvent[] = [];
  for (let before = ''; ; ) {
    const response = await fetch(`${url}/api/events?limit=${PAGE_EVENTS}${query}${before}`);
    if (!response.ok) throw new Error(`expected a page, got ${response.status}: ${await response.text()}`);
    const page = (await response.json()) as HistoryPage;
    all.unshift(...page.events);
    if (page.events.length === 0 || page.before === null) return all;
    before = `&before=${page.before}`;
  }
}

export async function storedLogs(url: string): Promise<(LogEvent & { position: string })[]> {
  return (await storedEvents(url, '&kind=log')).filter((event) => event.kind === 'log');
}

export async function storedMessages(url: string): Promise<string[]> {
  return (await storedLogs(url)).map(({ message }) => message);
}

/** Waits until so many logs are stored, and gives them. */
export async function untilStored(url: string, count: number, timeoutMs = 30_000) {
  let logs = await storedLogs(url).catch(() => []);
  const enough = async (): Promise<boolean> => {
    logs = await storedLogs(url).catch(() => logs);
    return logs.length >= count;
  };
  await until(`${count} stored logs`, enough, timeoutMs).catch((error: unknown) => {
    throw new Error(`${String(error)}; there were ${logs.length}`);
  });
  return logs;
}
