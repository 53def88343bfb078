import type { AppendChain } from '@/lib/core/append-chain.ts';
import { AppError } from '@/lib/core/errors.ts';
import type { PreparedEvent } from '@/lib/core/prepared-event.ts';

/** Where appended events stand. */
export type Placed = {
  readonly firstSeq: number;
  readonly lastSeq: number;
  /** false: they are held in memory and not stored yet. */
  readonly durable?: false;
  /** They were there already: an earlier append of the same name has stored them. */
  readonly isRepeat?: true;
};

/** What names an append so that a repeat of it is recognised, and a digest of what is appended under that name. */
export type AppendName = { readonly key: string; readonly digest: string };

/** Where ingest sends events. */
export type EventSink = {
  /** @param chain what it belongs behind: refused when that was */
  append(events: readonly PreparedEvent[], name?: AppendName, chain?: AppendChain): Promise<Placed>;
};

/** A sink that remembers what was stored under which name, as the journal does. */
export type RememberingSink = EventSink & {
  receipts(keys: readonly string[]): Promise<readonly (AppendName & Placed)[]>;
};

type Running = { readonly digest: string; readonly placed: Promise<Placed> };

/**
 * Appends under a name at most once. A sender that gave up waiting repeats its request while the first copy is still
 * being stored, so copies in flight share one append: two of them in one commit would break it for everybody in it.
 */
export class NamedAppends implements EventSink {
  readonly #sink: RememberingSink;
  readonly #running = new Map<string, Running>();

  constructor(sink: RememberingSink) {
    this.#sink = sink;
  }

  /** Rejects with idempotency-mismatch when the name stands for other events, and as the sink does. */
  async append(events: readonly PreparedEvent[], name?: AppendName, chain?: AppendChain): Promise<Placed> {
    if (!name) return this.#sink.append(events, name, chain);
    const running = this.#running.get(name.key);
    if (running) {
      checkDigest(running, name);
      return { ...(await running.placed), isRepeat: true };
    }
    const placed = this.#appendOnce(events, name, chain).finally(() => this.#running.delete(name.key));
    this.#running.set(name.key, { digest: name.digest, placed });
    return placed;
  }

  async #appendOnce(events: readonly PreparedEvent[], name: AppendName, chain?: AppendChain): Promise<Placed> {
    const [known] = await this.#sink.receipts([name.key]);
    if (!known) return this.#sink.append(events, name, chain);
    checkDigest(known, name);
    return { ...known, isRepeat: true };
  }
}

function checkDigest(known: { readonly digest: string }, { digest }: AppendName): void {
  if (known.digest === digest) return;
  throw new AppError(
    'idempotency-mismatch',
    'this Idempotency-Key was used for other events; use a new key for a new body, the same key only to repeat one',
  );
}
