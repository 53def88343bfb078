import type { ResourceOwner } from '@/lib/core/ledger.ts';
import { ByteGate } from '@/lib/ingest/byte-gate.ts';
import { Cancellation } from '@/lib/stream/cancellation.ts';
import { clientAddress } from '../http/client-address.ts';
import { Reception } from '../reception.ts';
import { DoorLog } from './door-log.ts';
import { GatherBeat } from './gather-beat.ts';
import type { ListenerPolicy, ListenerRuntime } from './listener.ts';
import { OrderedSink } from './ordered-sink.ts';
import { BEHIND_OR_AWAY, PatientSink } from './patient-sink.ts';
import { QueueRoom } from './queue-room.ts';
import { SenderLine } from './sender-line.ts';

const MIB = 1024 * 1024;
/** What waits to be stored, of all lines of a listener together. */
const QUEUED_BYTES_MAX = 64 * MIB;
/** Messages that are coming in, or being taken apart, where they are large (Fluent forward). */
const MESSAGE_BYTES_MAX = 256 * MIB;
const SWEEP_MS = 1000;
/** The log is told of losses at most so often. */
const SWEEPS_PER_TELLING = 5;
/** What waits gets so long to be stored when the server ends. */
const GRACE_MS = 2000;

export type LineAsked = {
  readonly address: string | undefined;
  readonly bytesMax: number;
};

/** All who send to one listener: what they share, and its end. */
export class SenderLines {
  readonly protocol: string;
  readonly policy: ListenerPolicy;
  readonly runtime: ListenerRuntime;
  readonly owner: ResourceOwner;
  readonly log: DoorLog;
  readonly gate = new ByteGate(MESSAGE_BYTES_MAX);
  readonly cancellation = new Cancellation();
  readonly #room = new QueueRoom(QUEUED_BYTES_MAX);
  readonly #beat: GatherBeat;
  readonly #lines = new Set<SenderLine>();
  readonly #ends = new Set<Promise<void>>();
  readonly #onSweep: ((nowMs: number) => void)[] = [];
  readonly #timer: NodeJS.Timeout;
  #sweeps = 0;

  constructor(runtime: ListenerRuntime, protocol: string, policy: ListenerPolicy) {
    this.runtime = runtime;
    this.protocol = protocol;
    this.policy = policy;
    this.owner = runtime.ledger.owner(`listener ${protocol}`);
    this.log = new DoorLog(runtime.log, protocol);
    this.#beat = new GatherBeat(this.owner);
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#timer.unref();
    this.owner.acquire('timer');
  }

  /** Once a second. */
  onSweep(call: (nowMs: number) => void): void {
    this.#onSweep.push(call);
  }

  /** The end of a connection, which may wait for what it has sent to be stored; it never rejects. */
  awaitEnd(end: Promise<void>): void {
    this.#ends.add(end);
    void end.finally(() => this.#ends.delete(end));
  }

  /** One spelling for each address. */
  addressOf(peerAddress: string | undefined): string {
    return clientAddress(peerAddress, null, this.runtime.trustedProxies);
  }

  /** False for a stranger, which the log is told. */
  admits(address: string): boolean {
    if (this.policy.mayReach(address)) return true;
    this.log.note('refused: this address may not send here', 1, address);
    return false;
  }

  open({ address, bytesMax }: LineAsked): SenderLine {
    const owner = this.runtime.ledger.owner(`${this.protocol} ${address}`);
    const { cancellation, log } = this;
    const line = new SenderLine({
      ...{ owner, cancellation, log, bytesMax, room: this.#room, beat: this.#beat },
      reception: this.reception(address, owner, cancellation),
      onEnd: () => this.#lines.delete(line),
    });
    this.#lines.add(line);
    return line;
  }

  /**
   * A reception that waits while the store is behind, or also away, for as long as `cancellation` lets it. One that waits for
   * both keeps the order of what is appended; the other leaves it to its senders, which wait for an answer.
   * @param owner of the timers that it waits with
   */
  reception(
    address: string | undefined,
    owner: ResourceOwner,
    cancellation: Cancellation,
    waitsFor = BEHIND_OR_AWAY,
  ): Reception {
    const { access, begunBodies, ingestQuota, ingestSink, ingestTotals, senders, trustedProxies, log } = this.runtime;
    const patient = new PatientSink(ingestSink, owner, cancellation, waitsFor);
    const sink = waitsFor === BEHIND_OR_AWAY ? new OrderedSink(patient) : patient;
    const asked = { protocol: this.protocol, peerAddress: address, header: () => null, isListener: true };
    const context = { access, begunBodies, ingestQuota, ingestTotals, senders, trustedProxies, log, ingestSink: sink };
    return new Reception(context, asked);
  }

  /** To be called when nothing comes in any more. What cannot be stored in time is lost, and counted. */
  async close(): Promise<void> {
    this.#beat.close();
    const settled = Promise.all([...this.#ends, ...[...this.#lines].map((line) => line.settled())]);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, GRACE_MS);
    });
    await Promise.race([settled, late]);
    clearTimeout(timer);
    this.cancellation.cancel();
    await Promise.all(this.#ends);
    await Promise.all([...this.#lines].map((line) => line.end()));
    clearInterval(this.#timer);
    this.owner.release('timer');
    this.log.flush();
    this.owner.close();
  }

  #sweep(): void {
    const nowMs = Date.now();
    for (const call of this.#onSweep) call(nowMs);
    this.#sweeps += 1;
    if (this.#sweeps % SWEEPS_PER_TELLING === 0) this.log.flush();
  }
}
