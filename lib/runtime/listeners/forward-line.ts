import { createHash, randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { hostname } from 'node:os';
import { encode } from '@msgpack/msgpack';
import { AppError, isAppError } from '@/lib/core/errors.ts';
import type { ResourceOwner } from '@/lib/core/ledger.ts';
import { ForwardHandshake } from '@/lib/ingest/forward/forward-handshake.ts';
import {
  type ForwardMessage,
  forwardEvents,
  inflateEntries,
  packedBytes,
  readForward,
} from '@/lib/ingest/forward/forward-message.ts';
import { MsgpackFramer } from '@/lib/ingest/forward/msgpack-framer.ts';
import { decodeValue } from '@/lib/ingest/forward/msgpack-values.ts';
import { Refused } from '@/lib/ingest/http-protocol.ts';
import { Cancellation } from '@/lib/stream/cancellation.ts';
import type { Reception } from '../reception.ts';
import { type Turn, Turns } from '../turns.ts';
import { admitPatiently } from './admit-patiently.ts';
import { BEHIND } from './patient-sink.ts';
import type { SenderLine } from './sender-line.ts';
import type { SenderLines } from './sender-lines.ts';
import { storeItems } from './store-items.ts';
import type { TcpLine } from './tcp-door.ts';

/** Of one message as it comes; Fluentd's chunks are 8 MiB unless it is told otherwise. */
const MESSAGE_BYTES_MAX = 32 * 1024 * 1024;
const LINE_BYTES_MAX = 2 * 1024 * 1024;
/** Messages of one connection on their way to the disk at once: those acknowledged one by one then share its flushes. */
const IN_FLIGHT_MAX = 16;
const CHUNK_CHARS_MAX = 200;
/** Of the one message of whoever has not proved to know the key: names, salt and digest. */
const PING_BYTES_MAX = 4096;
/** Never a sender's own name: Fluentd gives up a server of the name that it has itself, as one on its machine would have. */
const SERVER_NAME = `tailrace@${hostname()}`;
const NO_KEY = 'the sender does not know the shared key of Fluent forward';

/**
 * One connection of Fluent forward. A message that names itself is acknowledged when it is durable, and not before: its
 * sender keeps it until then, and sends it again, also on another connection. While the store is away the line is closed
 * instead: kept here as well, it would be stored twice for a sender that gives it another name. Others are stored like those
 * of syslog.
 */
export class ForwardLine implements TcpLine {
  readonly #lines: SenderLines;
  readonly #socket: Socket;
  readonly #line: SenderLine;
  readonly #owner: ResourceOwner;
  /** Of what is acknowledged: once the connection is gone nobody waits for it here. */
  readonly #cancellation: Cancellation;
  readonly #acknowledged: Reception;
  readonly #framer = new MsgpackFramer(MESSAGE_BYTES_MAX);
  readonly #inFlight = new Set<Promise<void>>();
  readonly #turns = new Turns();
  #handshake: ForwardHandshake | undefined;
  #heldBytes = 0;
  #isOver = false;
  #isEnded = false;
  #admission: Promise<void> | undefined;
  messages = 0;

  constructor(lines: SenderLines, socket: Socket, address: string) {
    this.#lines = lines;
    this.#socket = socket;
    this.#line = lines.open({ address, bytesMax: LINE_BYTES_MAX });
    this.#owner = lines.runtime.ledger.owner(`forward chunks ${address}`);
    this.#owner.acquire('listener');
    this.#cancellation = new Cancellation(lines.cancellation);
    this.#acknowledged = lines.reception(address, this.#owner, this.#cancellation, BEHIND);
    socket.once('close', () => this.#cancellation.cancel());
    const key = lines.policy.forwardSharedKey();
    if (key === undefined) return;
    this.#handshake = new ForwardHandshake(key, SERVER_NAME);
    socket.write(this.#handshake.helo);
  }

  /** Whoever has not proved to know the key is as good as in the middle of a message. */
  get isMidway(): boolean {
    return this.#framer.isMidway || this.#handshake !== undefined;
  }

  take(piece: Buffer): Promise<void> | undefined {
    if (this.#isOver) return undefined;
    this.#line.reception.onBytes(piece.length);
    try {
      for (const { bytes } of this.#framer.feed(piece)) this.#takeMessage(bytes);
      if (this.#handshake && this.#framer.heldBytes > PING_BYTES_MAX) throw new AppError('forbidden', NO_KEY);
      this.#hold();
    } catch (error) {
      this.#fail(error, this.#line.reception);
      return undefined;
    }
    return this.#mustWait ? this.#whenRoom() : undefined;
  }

  /** Resolves when what can be acknowledged is. */
  async end(): Promise<void> {
    if (!this.#isEnded && this.#framer.isMidway && !this.#isOver) {
      const says = 'the connection ended in the middle of a message';
      this.#line.reception.fail(new AppError('bad-request', says));
    }
    this.#isOver = true;
    await Promise.all(this.#inFlight);
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#lines.gate.release(this.#heldBytes);
    this.#heldBytes = 0;
    void this.#line.end();
    this.#acknowledged.close();
    this.#cancellation.cancel();
    this.#owner.release('listener');
    this.#owner.close();
  }

  get #mustWait(): boolean {
    return this.#inFlight.size >= IN_FLIGHT_MAX || this.#line.isFull || this.#socket.writableNeedDrain;
  }

  async #whenRoom(): Promise<void> {
    while (this.#inFlight.size >= IN_FLIGHT_MAX) await Promise.race(this.#inFlight);
    await this.#line.whenRoom();
    // Who reads no acknowledgements is not read either.
    const socket = this.#socket;
    if (!socket.writableNeedDrain || socket.destroyed) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        socket.off('drain', end).off('close', end);
        resolve();
      };
      socket.on('drain', end).on('close', end);
    });
  }

  /** Memory for the message that is under way. */
  #hold(): void {
    const change = this.#framer.heldBytes - this.#heldBytes;
    if (change > 0) this.#lines.gate.take(change);
    else this.#lines.gate.release(-change);
    this.#heldBytes += change;
  }

  #takeMessage(bytes: Buffer): void {
    this.messages += 1;
    let value: unknown;
    try {
      value = decodeValue(bytes);
    } catch (error) {
      // Where it ends is known all the same, so the others can be read.
      const says = `a message that cannot be decoded: ${(error as Error).message}`;
      this.#line.push(new Refused(says), bytes.length);
      return;
    }
    if (this.#handshake) this.#greet(this.#handshake, value);
    // Some senders write nil now and then, to see whether the line is open.
    else if (value !== null) this.#takeAsked(readForward(value), bytes.length);
  }

  #takeAsked(message: ForwardMessage, bytes: number): void {
    if (message.isSingle && message.chunk === undefined) {
      for (const event of forwardEvents(message, this.#lines.policy.understand)) this.#line.push(event, bytes);
      return;
    }
    const stored = this.#storeHeld(message, bytes).finally(() => this.#inFlight.delete(stored));
    this.#inFlight.add(stored);
  }

  #greet(handshake: ForwardHandshake, value: unknown): void {
    const { isRight, pong } = handshake.answer(value);
    this.#socket.write(pong);
    if (!isRight) throw new AppError('forbidden', NO_KEY);
    this.#handshake = undefined;
  }

  /** Never rejects. */
  async #storeHeld(message: ForwardMessage, bytes: number): Promise<void> {
    const { gate } = this.#lines;
    const isNamed = message.chunk !== undefined;
    const turn = this.#turns.next();
    await (isNamed ? this.#admit() : this.#line.admit());
    const reception = (isNamed ? this.#acknowledged : this.#line.reception).again();
    let held = 0;
    const hold = (more: number): void => {
      gate.take(more);
      held += more;
    };
    try {
      hold(bytes);
      const inflated = await inflateEntries(message);
      hold(Math.max(0, packedBytes(inflated) - packedBytes(message)));
      await this.#store(inflated, reception, turn);
      if (isNamed) this.#socket.write(encode({ ack: message.chunk }));
    } catch (error) {
      // Its sender has gone, and will send it again.
      const isAbandoned = isNamed && this.#cancellation.isCancelled && isAppError(error);
      if (!isAbandoned) this.#fail(error, reception);
    } finally {
      turn.done();
      gate.release(held);
      reception.close();
    }
  }

  #admit(): Promise<void> {
    this.#admission ??= admitPatiently(this.#acknowledged, this.#owner, this.#cancellation);
    return this.#admission;
  }

  async #store(message: ForwardMessage, reception: Reception, turn: Turn): Promise<void> {
    const { chunk } = message;
    const items = forwardEvents(message, this.#lines.policy.understand);
    if (chunk === undefined) return this.#line.storeNow(items, reception, turn);
    try {
      await storeItems(items, reception, keyOf(chunk), turn);
    } catch (error) {
      // The same name for other events: no repeat, but another message, of a sender that names badly. It has a name all the
      // same: what has none may be held in memory, and must not be acknowledged then.
      if (!isAppError(error) || error.code !== 'idempotency-mismatch') throw error;
      reception.sender.tell(error.message, Date.now());
      await storeItems(forwardEvents(message, this.#lines.policy.understand), reception, `forward:${randomUUID()}`);
    }
  }

  /** There is no answer that says no: without an acknowledgement, and with the line closed, a sender tries again. */
  #fail(error: unknown, reception: Reception): void {
    const { code } = reception.fail(error);
    this.#lines.log.note(`closed: a message could not be taken (${code})`, 1, this.#line.address);
    this.#isOver = true;
    if (this.#socket.writableLength > 0) this.#socket.destroySoon();
    else this.#socket.destroy();
  }
}

/** The store remembers it: a name of any length becomes one of few characters. */
function keyOf(chunk: string): string {
  const name = chunk.length > CHUNK_CHARS_MAX ? createHash('sha256').update(chunk).digest('base64url') : chunk;
  return `forward:${name}`;
}
