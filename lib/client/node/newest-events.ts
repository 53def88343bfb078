import { type Filter, filterToQuery } from '@/lib/core/filter.ts';
import type { HistoryPage } from '@/lib/wire/pages.ts';
import { fetchPage } from '../fetch-page.ts';
import { RetryPace } from '../retry-pace.ts';
import { nodeFetch } from './node-environment.ts';

export type NewestQuery = {
  readonly url: string;
  readonly token: string | undefined;
  readonly filter: Filter;
  /** 1 to 5,000. */
  readonly limit: number;
  readonly signal: AbortSignal;
  /** Called with a sentence each time that it did not work and is tried again. */
  readonly onFailure: (cause: string) => void;
};

/**
 * The newest events that pass a filter, in journal order; `after` of the answer is where a stream goes on. Tries until it
 * works; undefined when the signal was aborted first.
 */
export async function fetchNewest(asked: NewestQuery): Promise<HistoryPage | undefined> {
  const { url, token, filter, limit, signal, onFailure } = asked;
  const query = filterToQuery(filter);
  query.set('limit', String(limit));
  const get = nodeFetch(url, token);
  const pace = new RetryPace(Math.random);
  while (!signal.aborted) {
    const fetched = await fetchPage<HistoryPage>(get, `/api/events?${query}`, signal);
    if (fetched?.ok) return fetched.page;
    if (!fetched) return undefined;
    onFailure(sentence(fetched.error));
    await pause(pace.next(undefined, undefined), signal);
  }
  return undefined;
}

/** As a cause in the middle of another sentence. */
function sentence(error: string): string {
  const [first = error] = error.split('. ');
  return first.charAt(0).toLowerCase() + first.slice(1).replace(/\.$/, '');
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', go);
      resolve();
    };
    const timer = setTimeout(go, ms);
    signal.addEventListener('abort', go, { once: true });
  });
}
