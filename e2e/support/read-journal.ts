import type { PlacedEvent } from '@/lib/core/event.ts';
import type { HistoryPage } from '@/lib/wire/pages.ts';

const PAGE_EVENTS = 5000;

/**
 * Every stored event that a filter lets through, in journal order.
 * @param query such as `kind=metric&service=node`
 */
export async function readJournal(url: string, query = ''): Promise<PlacedEvent[]> {
  const pages: PlacedEvent[][] = [];
  for (let before: string | null = ''; before !== null; ) {
    const place: string = before === '' ? '' : `&before=${before}`;
    const response = await fetch(`${url}/api/events?limit=${PAGE_EVENTS}${place}&${query}`);
    if (!response.ok) throw new Error(`reading the journal: ${response.status} ${await response.text()}`);
    const page = (await response.json()) as HistoryPage;
    pages.unshift(page.events);
    before = page.before;
  }
  return pages.flat();
}
