import { AppError, ERROR_STATUS, isAppError } from '@/lib/core/errors.ts';
import type { Principal } from '@/lib/core/principal.ts';
import type { BegunBodies } from '@/lib/ingest/begun-bodies.ts';
import { EventIntake, type IntakeOptions } from '@/lib/ingest/event-intake.ts';
import type { IngestQuota } from '@/lib/ingest/ingest-quota.ts';
import { IngestTally } from '@/lib/ingest/ingest-tally.ts';
import type { EventSink } from '@/lib/ingest/named-appends.ts';
import type { Sender } from '@/lib/ingest/sender.ts';
import type { SenderBook } from '@/lib/ingest/sender-book.ts';
import type { Access } from './access/access.ts';
import { clientAddress, type TrustedProxies } from './http/client-address.ts';
import type { IngestTotals } from './ingest-totals.ts';
import type { Logger } from './logger.ts';

/** Who sends, as the protocol tells it. */
export type SenderAsked = {
  readonly protocol: string;
  /** Address of the socket's other end, where it is known. */
  readonly peerAddress: string | undefined;
  /** By its name in lower case; gRPC's metadata and the like are headers too. */
  header(name: string): string | null;
  /** Who that is, or why it cannot be told, where it has been asked already. */
  readonly who?: Principal | AppError;
  /** It came to a socket whose protocol knows no credentials: what counts is where from. */
  readonly isListener?: boolean;
};

/** What a reception needs of the runtime. */
export type ReceptionContext = {
  readonly access: Pick<Access, 'identify' | 'identifyAtOnce' | 'permit' | 'mayReach'>;
  readonly begunBodies: BegunBodies;
  readonly ingestQuota: IngestQuota;
  readonly ingestSink: EventSink;
  readonly ingestTotals: IngestTotals;
  readonly senders: SenderBook;
  readonly trustedProxies: TrustedProxies;
  readonly log: Logger;
};

/** One request, message or line of a sender, from its first byte to its answer. Every way in begins with one. */
export class Reception {
  readonly sender: Sender;
  readonly tally: IngestTally;
  readonly #context: ReceptionContext;
  readonly #asked: SenderAsked;
  readonly #address: string;
  readonly #who: Principal | AppError;
  #sink: EventSink | undefined;

  constructor(context: ReceptionContext, asked: SenderAsked) {
    const { protocol, peerAddress, header } = asked;
    this.#context = context;
    this.#asked = asked;
    this.#address = clientAddress(peerAddress, header('x-forwarded-for'), context.trustedProxies);
    this.#who = asked.who ?? whoAsks(context, asked);
    const credential = 'role' in this.#who && !NAMELESS.includes(this.#who.kind) ? this.#who.name : undefined;
    this.sender = context.senders.of({ protocol, address: this.#address, credential });
    this.sender.requests += 1;
    this.tally = new IngestTally(this.sender, Date.now);
  }

  /** As the constructor, where there is time to ask an identity provider's keys. */
  static async begin(context: ReceptionContext, asked: SenderAsked): Promise<Reception> {
    const who = await whoAsksLater(context, asked);
    return new Reception(context, { ...asked, who });
  }

  /** What comes over the line. */
  readonly onBytes = (bytes: number): void => this.sender.receive(bytes, Date.now());

  /** Before anything is read. Throws unauthorized and forbidden, and rate-limited while the address is in debt. */
  admit(): void {
    const { ingestQuota, ingestSink } = this.#context;
    this.#permit();
    this.#sink = ingestQuota.admit(this.#address, ingestSink);
  }

  /** The way into the journal. Throws as `admit` does, where that has not been asked before. */
  intake(options: Pick<IntakeOptions, 'idempotencyKey' | 'bodyDigest' | 'chain' | 'cutsLong'> = {}): EventIntake {
    // Whoever was let in an hour ago may not be welcome any more.
    if (this.#sink) this.#permit();
    else this.admit();
    const sink = this.#sink as EventSink;
    const services = 'services' in this.#who && this.#who.services ? new Set(this.#who.services) : undefined;
    const { tally, sender } = this;
    const { begunBodies } = this.#context;
    return new EventIntake({ ...options, sink, services, begunBodies, tally, sender, now: Date.now });
  }

  #permit(): void {
    if (!('role' in this.#who)) throw this.#who;
    this.#context.access.permit(this.#who, 'send');
  }

  /** For the next part of what came in by the same line: counted for the same sender, with a tally of its own. */
  again(): Reception {
    const next = new Reception(this.#context, { ...this.#asked, who: this.#who });
    next.#sink = this.#sink;
    return next;
  }

  /** Counts and logs what went wrong, and gives the error that the sender is to be told. */
  fail(error: unknown): AppError {
    const known = isAppError(error)
      ? error
      : new AppError('internal', 'an unexpected error; see the log of the server');
    const { log, ingestTotals } = this.#context;
    const { protocol } = this.sender.id;
    const status = ERROR_STATUS[known.code];
    // A sender that is told to wait may ask a thousand times a second: counted, not logged.
    if (known.code === 'rate-limited') {
      ingestTotals.limited += 1;
      this.sender.limited += 1;
    } else {
      log.warn({ err: error, protocol, journal: false }, 'ingest failed');
      this.sender.failed += 1;
    }
    if (status >= 500) ingestTotals.failed += 1;
    this.sender.tell(known.message, Date.now(), status);
    return known;
  }

  /** To be called once at the end, however it ended. */
  close(): void {
    this.#context.ingestTotals.add(this.tally);
  }
}

/** Names that say nothing of a credential. */
const NAMELESS: readonly Principal['kind'][] = ['local', 'open', 'listener'];

function whoAsks({ access }: ReceptionContext, asked: SenderAsked): Principal | AppError {
  if (asked.isListener) return atListener(access, asked.peerAddress);
  try {
    return access.identifyAtOnce(asked);
  } catch (error) {
    if (isAppError(error)) return error;
    throw error;
  }
}

async function whoAsksLater({ access }: ReceptionContext, asked: SenderAsked): Promise<Principal | AppError> {
  try {
    return await access.identify(asked);
  } catch (error) {
    if (isAppError(error)) return error;
    throw error;
  }
}

function atListener(access: Pick<Access, 'mayReach'>, address: string | undefined): Principal | AppError {
  if (access.mayReach(address)) return { id: 'listener', name: 'listener', kind: 'listener', role: 'ingest' };
  return new AppError('forbidden', 'this address may not send here: name it in TAILRACE_LISTEN_FROM');
}
