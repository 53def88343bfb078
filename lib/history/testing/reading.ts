import { createClient } from '@libsql/client';
import { expect } from 'vitest';
import type { PreparedEvent } from '@/lib/core/prepared-event.ts';
import { logAt } from '@/lib/core/testing/arbitraries.ts';
import type { HistoryStore, ReadQuery } from '../history-port.ts';
import type { Appender } from './batches.ts';

export const T0 = Date.UTC(2026, 0, 1);

const PAGE = { limit: 500 };

export async function readAll(
  store: HistoryStore,
  filter: ReadQuery['filter'],
  limits: { limit: number; bytesMax?: number } = PAGE,
) {
  const rows = [];
  const { headSeq } = await store.bounds();
  let from = 0;
  while (from < headSeq) {
    const page = await store.read({ filter, direction: 'forward', from, ...limits });
    expect(page.rows.length).toBeLessThanOrEqual(limits.limit);
    expect(page.scannedTo).toBeGreaterThan(from);
    rows.push(...page.rows);
    from = page.scannedTo;
  }
  return rows;
}

export async function readBackAll(
  store: HistoryStore,
  filter: ReadQuery['filter'],
  limits: { limit: number; bytesMax?: number },
) {
  const seqs: number[] = [];
  let from = (await store.bounds()).headSeq + 1;
  while (from > 1) {
    const page = await store.read({ filter, direction: 'backward', from, ...limits });
    expect(page.scannedTo).toBeLessThan(from);
    seqs.push(...page.rows.map((row) => row.seq));
    from = page.scannedTo;
  }
  return seqs;
}

export async function appendMany(appender: Appender, count: number, message: (index: number) => string): Promise<void> {
  const kinds = new Map<string, PreparedEvent>();
  for (let start = 0; start < count; start += 5000) {
    const events = Array.from({ length: Math.min(5000, count - start) }, (_, index) => {
      const text = message(start + index);
      const event = kinds.get(text) ?? logAt(text);
      kinds.set(text, event);
      return event;
    });
    await appender.append(events, T0);
  }
}

async function ask(file: string, sql: string): Promise<number> {
  const other = createClient({ url: `file:${file}` });
  try {
    return Number((await other.execute(sql)).rows[0]?.[0]);
  } finally {
    other.close();
  }
}

export const pageCount = (file: string): Promise<number> => ask(file, 'PRAGMA page_count');
export const headSeenByOthers = (file: string): Promise<number> => ask(file, 'SELECT max(seq) FROM "Event"');
