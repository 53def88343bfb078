import pino from 'pino';
import { vi } from 'vitest';
import { AppError } from '@/lib/core/errors.ts';
import { ResourceLedger } from '@/lib/core/ledger.ts';
import type { PreparedEvent } from '@/lib/core/prepared-event.ts';
import { BegunBodies } from '@/lib/ingest/begun-bodies.ts';
import { IngestQuota } from '@/lib/ingest/ingest-quota.ts';
import { type AppendName, NamedAppends, type Placed, type RememberingSink } from '@/lib/ingest/named-appends.ts';
import { SenderBook } from '@/lib/ingest/sender-book.ts';
import { trustProxies } from '../../http/client-address.ts';
import { IngestTotals } from '../../ingest-totals.ts';
import { makeAccess } from '../../testing/make-access.ts';
import type { ListenerRuntime } from '../listener.ts';

export type Stored = { readonly message: string; readonly service: string; readonly level: string } & Readonly<
  Record<string, unknown>
>;

/** A journal in memory that can be away, or slow. */
export class MemoryJournal implements RememberingSink {
  readonly events: Stored[] = [];
  appends = 0;
  isAway = false;
  /** Awaited by each append. */
  delay: () => Promise<void> = () => Promise.resolve();
  readonly #receipts = new Map<string, AppendName & Placed>();

  get messages(): string[] {
    return this.events.map(({ message }) => message);
  }

  async append(events: readonly PreparedEvent[], name?: AppendName): Promise<Placed> {
    this.appends += 1;
    await this.delay();
    if (this.isAway) throw new AppError('storage-unavailable', 'the store is away', { retryAfterS: 1 });
    const firstSeq = this.events.length + 1;
    this.events.push(...events.map(({ body }) => JSON.parse(body) as Stored));
    const placed = { firstSeq, lastSeq: this.events.length };
    if (name) this.#receipts.set(name.key, { ...name, ...placed });
    return placed;
  }

  receipts(keys: readonly string[]): Promise<readonly (AppendName & Placed)[]> {
    return Promise.resolve(keys.flatMap((key) => this.#receipts.get(key) ?? []));
  }
}

export type Listening = ListenerRuntime & {
  readonly journal: MemoryJournal;
  /** Warnings and errors that were logged. */
  readonly told: { readonly msg: string; readonly count?: number }[];
};

/** What a listener needs, in memory. */
export function listening(perSecondMax = 1_000_000): Listening {
  const journal = new MemoryJournal();
  const told: Listening['told'] = [];
  const log = pino({ level: 'warn' }, { write: (line) => told.push(JSON.parse(line) as { msg: string }) });
  return {
    journal,
    told,
    log,
    access: makeAccess(),
    config: { host: '127.0.0.1' },
    ledger: new ResourceLedger(Date.now),
    begunBodies: new BegunBodies(Date.now),
    ingestSink: new NamedAppends(journal),
    ingestQuota: new IngestQuota(perSecondMax, Date.now),
    ingestTotals: new IngestTotals(),
    senders: new SenderBook(Date.now),
    trustedProxies: trustProxies([]),
    onError: (error) => {
      throw error;
    },
  };
}

/** Asks until the answer is true. Rejects, naming what was waited for, after `timeoutMs`. */
export async function until(what: string, holds: () => boolean, timeoutMs = 10_000): Promise<void> {
  await vi.waitUntil(holds, { timeout: timeoutMs, interval: 5 }).catch(() => {
    throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
  });
}
