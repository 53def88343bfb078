import type { Level } from '@/lib/core/level.ts';

export type StoredEvent = {
  readonly time: string;
  readonly level: Level;
  readonly service: string;
  readonly message: string;
  readonly traceId?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
};

/** Every event of a server, oldest first. */
export async function storedEvents(url: string, query = ''): Promise<StoredEvent[]> {
  const pages: StoredEvent[][] = [];
  for (let before: string | null = ''; before !== null; ) {
    const place: string = before === '' ? '' : `&before=${before}`;
    const response = await fetch(`${url}/api/events?limit=1000${place}${query}`);
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
