import type { ServerDuplexStream, ServerUnaryCall } from '@grpc/grpc-js';
import type { AppendChain } from '@/lib/core/append-chain.ts';
import { AppError } from '@/lib/core/errors.ts';
import { CHUNK_LIMITS } from '@/lib/wire/ingest-chunk.ts';
import type { PublishRequest, PublishResponse } from '@/lib/wire/proto/messages.ts';
import type { Runtime } from '../create-runtime.ts';
import { Reception } from '../reception.ts';
import { askedByCall, type Caller, explainStatus } from './grpc-asked.ts';
import { PublishBatch } from './grpc-publish-batch.ts';

type PublishCall = ServerDuplexStream<PublishRequest, PublishResponse>;

/** Batches of one call on their way to the disk at once: events sent one by one then share its flushes. */
const IN_FLIGHT_MAX = 64;
const IN_FLIGHT_CHARS_MAX = 4 * CHUNK_LIMITS.charsMax;
/** Open `Publish` calls at most: each may hold so much. */
const CALLS_MAX = 1000;

/** `PublishBatch`. */
export async function publishOne(
  runtime: Runtime,
  call: ServerUnaryCall<PublishRequest, PublishResponse>,
): Promise<PublishResponse> {
  const batch = new PublishBatch(runtime, await admit(runtime, call), call.request);
  await batch.begin();
  return batch.finish();
}

/** Rejects with unauthorized and forbidden, and rate-limited while the caller's address is in debt. */
async function admit(runtime: Runtime, call: Caller): Promise<Reception> {
  const { peerAddress, header } = askedByCall(call);
  const reception = await Reception.begin(runtime, { protocol: 'grpc', peerAddress, header });
  try {
    reception.admit();
    return reception;
  } catch (error) {
    reception.close();
    throw reception.fail(error);
  }
}

/** All `Publish` calls of a server. */
export class PublishCalls {
  readonly #runtime: Runtime;
  readonly #open = new Set<PublishCall>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Answers each request in order, as soon as it is durable; ends the call with a status when one cannot be stored. */
  serve(call: PublishCall): void {
    const resources = this.#runtime.ledger.owner('gRPC Publish');
    this.#open.add(call);
    resources.acquire('listener');
    // However it ends, grpc-js destroys it afterwards.
    call.once('close', () => {
      this.#open.delete(call);
      resources.release('listener');
      resources.close();
    });
    try {
      if (this.#open.size > CALLS_MAX) {
        throw new AppError('too-many-connections', `the server has as many Publish calls as it takes: ${CALLS_MAX}`);
      }
      // What it sends meanwhile waits in the call.
      admit(this.#runtime, call)
        .then((reception) => this.#answerAll(call, reception))
        .catch((error: unknown) => this.#fail(call, error));
    } catch (error) {
      this.#fail(call, error);
    }
  }

  /** Ends what is still open: the server goes. */
  close(): void {
    for (const call of this.#open) this.#fail(call, new AppError('shutting-down', 'the server is shutting down'));
  }

  /** How grpc-js is told a status other than OK: it ends the call after what has been written. */
  #fail(call: PublishCall, error: unknown): void {
    if (!call.writableEnded && !call.cancelled) call.emit('error', explainStatus(this.#runtime, error));
  }

  #answerAll(call: PublishCall, reception: Reception): void {
    const inFlight: { readonly chars: number; readonly answered: Promise<void> }[] = [];
    let chars = 0;
    let answered = Promise.resolve();
    let taking = Promise.resolve();
    // Behind a batch that is refused no other is stored: its caller sends again whatever was not answered. A gateway hands
    // each on by itself, since one after the other they would take a round trip each.
    const chain: AppendChain | undefined = this.#runtime.canDecide ? {} : undefined;
    const take = async (request: PublishRequest): Promise<void> => {
      const batch = new PublishBatch(this.#runtime, reception.again(), request, chain);
      await batch.begin();
      const finished = batch.finish();
      // Its failure is told after the answers of those before it.
      finished.catch(() => undefined);
      answered = answered.then(() => finished).then((response) => writeResponse(call, response));
      // At once, not with the next request, which may never come.
      answered.catch((error: unknown) => this.#fail(call, error));
      inFlight.push({ chars: batch.chars, answered });
      chars += batch.chars;
      while (inFlight.length >= IN_FLIGHT_MAX || chars >= IN_FLIGHT_CHARS_MAX) {
        const first = inFlight.shift();
        await first?.answered;
        chars -= first?.chars ?? 0;
      }
    };
    // Not as an async iterator, which destroys the call at an error, and with it the status on its way.
    call.on('data', (request: PublishRequest) => {
      if (call.writableEnded) return;
      call.pause();
      taking = take(request)
        .catch((error: unknown) => answered.then(() => this.#fail(call, error)))
        .then(() => void call.resume())
        .catch(() => undefined);
    });
    // It may come while the last batch is still being handed on, whose answer is not among `answered` yet.
    call.on('end', () =>
      taking
        .then(() => answered)
        .then(() => call.end())
        .catch(() => undefined),
    );
  }
}

/** A caller that reads no answers is not read either. */
async function writeResponse(call: PublishCall, response: PublishResponse): Promise<void> {
  if (call.writableEnded || call.destroyed || call.write(response)) return;
  await new Promise<void>((resolve) => {
    const end = (): void => {
      call.off('drain', end).off('close', end);
      resolve();
    };
    call.on('drain', end).on('close', end);
  });
}
