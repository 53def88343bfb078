import type { AppError } from '@/lib/core/errors.ts';
import type { SourceEvent } from '@/lib/core/source.ts';
import type { ContentCoding } from './body-bytes.ts';
import type { IngestTally } from './ingest-tally.ts';

/** What a protocol's reader may look at besides the body. */
export type IngestHead = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** By its name in lower case. */
  header(name: string): string | null;
};

/** Something in a body that is no event, or several that share what is wrong with them. */
export class Refused {
  readonly says: string;
  readonly count: number;

  constructor(says: string, count = 1) {
    this.says = says;
    this.count = count;
  }
}

/**
 * So many things in a body of which there is nothing to keep, which is no mistake of their sender: samples without a value
 * (NaN, the end of a series), exemplars.
 */
export class NotKept {
  readonly count: number;

  constructor(count = 1) {
    this.count = count;
  }
}

/** What a protocol finds in a body, one after the other. */
export type Found = SourceEvent | Refused | NotKept;

/**
 * One HTTP protocol that others have defined: how its bodies become events, and its answers. A new way in is one of these
 * and a route; the rest (size, decompression, limits, durability, accounting) is common to all.
 */
export type HttpProtocol = {
  /** As the Sources page names it. */
  readonly name: string;
  /** Largest body after decompression, in bytes; absent: the settings' (`TAILRACE_INGEST_JSON_BYTES`). */
  readonly bytesMax?: number;
  /**
   * How a body is compressed; absent: gzip or not at all. Some protocols know more (`encodingOf` with more codings), and
   * some senders compress without saying so. Throws unsupported-media-type.
   */
  encodingOf?(head: IngestHead): ContentCoding;
  /**
   * Whether its bodies, or this one, carry what tells a retry from the same thing said twice (an id or a fine time for each
   * event): then a body that comes again from the same sender is stored once. Absent: each is stored, unless it has an
   * Idempotency-Key.
   */
  readonly isRepeatable?: boolean | ((body: Buffer, head: IngestHead) => boolean);
  /** How many of what is refused its answer names, with line and reason (`IngestTally.errors`); absent: 20. */
  readonly errorsMax?: number;
  /**
   * Takes a body apart, in its order; lazily, so that a large body does not become a large list and the event loop gets its
   * turns. Throws AppError bad-request or unsupported-media-type for a body that cannot be read at all.
   */
  read(body: Buffer, head: IngestHead): Iterable<Found>;
  /** The answer when all that was valid is durable (or held); also when nothing was valid. */
  answer(tally: IngestTally, head: IngestHead): Response;
  /** The answer to a request that could not be read, or not be stored: with a Retry-After where the error has one. */
  refuse(error: AppError, tally: IngestTally, head: IngestHead): Response;
};
