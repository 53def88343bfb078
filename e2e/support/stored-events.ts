import type { Level } from '@/lib/core/level.ts';
import { until } from './wait.ts';

export type StoredEvent = {
  readonly kind: 'log' | 'metric';
  readonly position: string;
  readonly time: string;
  readonly level: Level;
  readonly service: string;
  readonly message: string;
  readonly traceId?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
};

/** Every event of a server, oldest first. */
export async function storedEvents(
  url: string,
  query = '',
  headers: Readonly<Record<string, string>> = {},
): Promise<StoredEvent[]> {
  const pages: StoredEvent[][] = [];
  for (let before: string | null = ''; before !== null; ) {
    const place: string = before === '' ? '' : `&before=${before}`;
    const response = await fetch(`${url}/api/events?limit=1000${place}${query}`, { headers });
    if (!response.ok) throw new Error(`expected a page of events, got ${response.status}: ${await response.text()}`);
    const page = (await response.json()) as { events: StoredEvent[]; before: string | null };
    pages.unshift(page.events.map((event) => ({ ...event, attributes: event.attributes ?? {} })));
    before = page.before;
  }
  return pages.flat();
}

export async function storedMessages(url: string, query = ''): Promise<string[]> {
  return (await storedEvents(url, query)).map(({ message }) => message);
}

export function storedLogs(url: string): Promise<StoredEvent[]> {
  return storedEvents(url, '&kind=log');
}

/** Waits until so many logs are stored, and gives them. */
export async function untilStored(url: string, count: number, timeoutMs = 30_000): Promise<StoredEvent[]> {
  let logs = await storedLogs(url).catch((): StoredEvent[] => []);
  const enough = async (): Promise<boolean> => {
    logs = await storedLogs(url).catch(() => logs);
    return logs.length >= count;
  };
  await until(`${count} stored logs`, enough, timeoutMs).catch((error: unknown) => {
    throw new Error(`${String(error)}; there were ${logs.length}`);
  });
  return logs;
}

/** The events of one service, once there are so many. */
export async function untilOfService(url: string, service: string, count: number): Promise<StoredEvent[]> {
  const read = () => storedEvents(url, `&service=${service}`);
  await until(`${count} events of ${service}`, async () => (await read()).length >= count);
  return read();
}
