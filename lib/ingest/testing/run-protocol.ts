import { type AppError, isAppError } from '@/lib/core/errors.ts';
import type { TailraceEvent } from '@/lib/core/event.ts';
import { EventIntake } from '../event-intake.ts';
import { type Found, type HttpProtocol, type IngestHead, NotKept, Refused } from '../http-protocol.ts';
import { IngestTally } from '../ingest-tally.ts';
import { Sender } from '../sender.ts';

/** A body as a client sends it, decompressed, and what stands around it. */
export type Sent = {
  readonly body: Buffer | string;
  /** `POST` unless it says otherwise. */
  readonly method?: string;
  /** With its query. */
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** What became of a body. */
export type Run = {
  /** What the protocol read, before it was checked. */
  readonly read: readonly Found[];
  /** What would stand in the journal. */
  readonly stored: readonly TailraceEvent[];
  readonly tally: IngestTally;
  readonly sender: Sender;
  /** Why the body could not be read to its end. */
  readonly error: AppError | undefined;
  readonly response: Response;
};

export const NOW_MS = Date.UTC(2026, 0, 1);

export function headOf({ method = 'POST', path = '/', headers = {} }: Omit<Sent, 'body'>): IngestHead {
  const url = new URL(path, 'http://localhost');
  const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return { method, path: url.pathname, query: url.searchParams, header: (name) => lower.get(name) ?? null };
}

/**
 * Takes a body the way that `postProtocol` does, into a list. Rejects with whatever is thrown that is no AppError.
 * @param itemsMax a protocol that gives more is stopped with an error
 */
export async function runProtocol(protocol: HttpProtocol, sent: Sent, itemsMax = 1_000_000): Promise<Run> {
  const head = headOf(sent);
  const sender = new Sender({ protocol: protocol.name, address: 'test' }, NOW_MS);
  const tally = new IngestTally(sender, () => NOW_MS);
  if (protocol.errorsMax !== undefined) tally.errorsMax = protocol.errorsMax;
  const read: Found[] = [];
  const stored: TailraceEvent[] = [];
  const sink = {
    append: (events: readonly { body: string }[]) => {
      const firstSeq = stored.length + 1;
      for (const { body } of events) stored.push(JSON.parse(body) as TailraceEvent);
      return Promise.resolve({ firstSeq, lastSeq: stored.length });
    },
  };
  const intake = new EventIntake({ sink, tally, sender, now: () => NOW_MS, cutsLong: true });
  let error: AppError | undefined;
  try {
    await intake.takeAll(async () => {
      for (const item of protocol.read(Buffer.from(sent.body), head)) {
        read.push(item);
        if (read.length > itemsMax) throw new Error(`more than ${itemsMax} items of a body of ${sent.body.length}`);
        if (item instanceof Refused) await intake.refuse(item.says, item.count);
        else if (item instanceof NotKept) await intake.leave(item.count);
        else await intake.take(item);
      }
    });
  } catch (thrown) {
    if (!isAppError(thrown)) throw thrown;
    error = thrown;
  }
  const response = error ? protocol.refuse(error, tally, head) : protocol.answer(tally, head);
  return { read, stored, tally, sender, error, response };
}
