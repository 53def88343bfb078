import type { Duplex } from 'node:stream';
import type { ClientEnd, CloseReason } from '@/lib/core/close-reason.ts';
import type { Filter } from '@/lib/core/filter.ts';
import type { Position } from '@/lib/core/position.ts';
import type { Peer } from '@/lib/stream/peer.ts';
import type { StreamHub } from '@/lib/stream/stream-hub.ts';
import type { StreamRequest } from '@/lib/stream/stream-request.ts';
import type { StreamSession } from '@/lib/stream/stream-session.ts';
import type { StreamStart } from '@/lib/stream/stream-start.ts';
import type { WireFormat } from '@/lib/stream/wire-format.ts';
import { controlTopic, eventPattern, meetsTopic } from '@/lib/wire/mqtt-topics.ts';
import { type MqttVersion, mqttFormat } from './mqtt-format.ts';
import { MqttOutbox } from './mqtt-outbox.ts';
import { InFlightWindow } from './mqtt-window.ts';

/** Topic filter to granted QoS. */
export type MqttSubscriptions = ReadonlyMap<string, 0 | 1>;

/** Where a client stands: served up to `seq`, and how to go on from there. */
export type MqttPlace = {
  readonly epoch: string;
  readonly seq: number;
  readonly sentSeq: number;
  readonly packetId: number;
};

export type MqttStreamParts = {
  readonly hub: StreamHub;
  readonly carrier: Duplex;
  readonly peer: Peer;
  readonly version: MqttVersion;
  readonly epoch: string;
  /** Messages with QoS 1 that it takes without having acknowledged them. */
  readonly receiveMax: number;
  readonly packetBytesMax: number;
  retained(key: string): Uint8Array | undefined;
  /** The server ends the stream: says why, if the version can, and closes. */
  end(reason: CloseReason | undefined): void;
  destroy(): void;
  onTooLarge(bytes: number): void;
  onLoss(): void;
};

/** What a client of MQTT gets: one session of the hub under the union of its subscriptions. */
export class MqttStream {
  readonly #parts: MqttStreamParts;
  readonly #window: InFlightWindow;
  readonly #outbox: MqttOutbox;
  #subscriptions: MqttSubscriptions;
  #session: StreamSession;
  #start: StreamStart;
  #isOver = false;

  /** @param place where to go on; absent: at the head */
  constructor(parts: MqttStreamParts, subscriptions: MqttSubscriptions, place?: MqttPlace) {
    this.#parts = parts;
    this.#subscriptions = subscriptions;
    this.#window = new InFlightWindow(parts.receiveMax, place?.packetId);
    const { carrier, packetBytesMax, retained, destroy, onTooLarge, onLoss } = parts;
    this.#outbox = new MqttOutbox({
      ...{ carrier, packetBytesMax, retained, destroy, onTooLarge, onLoss },
      window: this.#window,
      // Of another epoch it means nothing.
      resentTo: place?.epoch === parts.epoch ? place.sentSeq : 0,
      wants: (frame) => frame !== 'events' && frame !== 'retry' && this.#wantsControl(controlTopic(frame)),
      onReady: () => this.#session.onReady(),
      end: () => parts.end(this.#session.life.reason),
    });
    this.#start = place ? { kind: 'position', position: { epoch: place.epoch, seq: place.seq } } : { kind: 'now' };
    this.#session = parts.hub.open(this.#request(), this.#format(), this.#outbox, parts.peer);
    this.#session.resources.acquire('listener');
    carrier.on('drain', this.#onDrain);
  }

  get session(): StreamSession {
    return this.#session;
  }
  get subscriptions(): MqttSubscriptions {
    return this.#subscriptions;
  }

  /** Everything before it has been taken by the client, as far as its QoS asks for that. */
  get place(): MqttPlace {
    const { epoch } = this.#parts;
    const { sentSeq, before } = this.#outbox;
    const packetId = this.#window.firstId;
    if (before !== undefined) return { epoch, seq: before, sentSeq, packetId };
    if (this.#outbox.hasBegun) return { epoch, seq: this.#session.cursor, sentSeq, packetId };
    // It has not found out yet where it begins.
    const start: Position =
      this.#start.kind === 'position' ? this.#start.position : { epoch, seq: this.#session.group.position };
    return { ...start, sentSeq, packetId };
  }

  /** Goes on under other subscriptions, from where it is or from where the client says. */
  resubscribe(subscriptions: MqttSubscriptions, start?: StreamStart): void {
    this.#subscriptions = subscriptions;
    const { life, resources, cursor } = this.#session;
    if (this.#isOver || life.isOver) return;
    const { epoch, hub } = this.#parts;
    if (hub.isDraining) {
      // With what it holds: the place that is kept of it counts on that.
      this.#session.dismiss('draining');
      return;
    }
    const hasBegun = this.#outbox.hasBegun;
    const before = this.#outbox.restart();
    if (start) this.#start = start;
    else if (hasBegun) this.#start = { kind: 'position', position: { epoch, seq: before ?? cursor } };
    resources.release('listener');
    this.#session = hub.reopen(this.#session, this.#request(), this.#outbox, this.#format());
    this.#session.resources.acquire('listener');
  }

  offerRetained(keys: Iterable<string>): void {
    if (!this.#isOver) this.#outbox.offerRetained(keys);
  }

  /** PUBACK. */
  acknowledge(packetId: number): void {
    const before = this.#window.acknowledge(packetId);
    if (before === undefined) return;
    this.heard(before + 1);
    this.#outbox.release();
  }

  /** The client has said something. */
  heard(seq?: number): void {
    if (this.#isOver) return;
    this.#session.acknowledge({ position: '' }, seq);
    // Whether it has fallen silent is for its own keep alive to say.
    this.#session.clock.acknowledges = false;
  }

  leave(reason: ClientEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#outbox.isClosed = true;
    this.#parts.carrier.off('drain', this.#onDrain);
    this.#session.resources.release('listener');
    this.#session.onClose(reason);
  }

  readonly #onDrain = (): void => this.#outbox.release();

  #request(): StreamRequest {
    return { filter: this.#filter(), start: this.#start, speed: undefined };
  }

  #format(): WireFormat {
    const atLeastOnce = [...this.#subscriptions].flatMap(([topic, qos]) => (qos === 1 ? [topic] : []));
    return mqttFormat(this.#parts.version, atLeastOnce);
  }

  #filter(): Filter {
    const topics = [...this.#subscriptions.keys()].flatMap((topic) => eventPattern(topic) ?? []);
    return topics.includes('#') ? {} : { topics: [...new Set(topics)].sort() };
  }

  #wantsControl(topic: string): boolean {
    for (const subscription of this.#subscriptions.keys()) if (meetsTopic(subscription, topic)) return true;
    return false;
  }
}
