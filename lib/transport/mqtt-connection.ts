import type { Duplex } from 'node:stream';
import { generate, type IConnectPacket, type IPublishPacket, type Packet } from 'mqtt-packet';
import type { ClientEnd, CloseReason } from '@/lib/core/close-reason.ts';
import { DISCONNECT_REASONS, MQTT_REASON, type MqttReason } from '@/lib/wire/mqtt-reasons.ts';
import { isTopicName } from '@/lib/wire/mqtt-topics.ts';
import { acceptance, type MqttAsked, readConnect, refusal } from './mqtt-connect.ts';
import type { MqttVersion } from './mqtt-format.ts';
import { MqttHearing } from './mqtt-hearing.ts';
import type { MqttClient, MqttHost } from './mqtt-host.ts';
import { PacketError, PacketReader } from './mqtt-packets.ts';
import { MqttPublishes } from './mqtt-publishes.ts';
import type { MqttStream } from './mqtt-stream.ts';
import { subscribe, unsubscribe } from './mqtt-subscribing.ts';

/** A DISCONNECT that wants the will published all the same (MQTT 5 §3.14.2.1). */
const WITH_WILL = 0x04;
/** The first byte of a CONNECT. */
const CONNECT = 0x10;
const BUFFER_BYTES_MAX = 64 * 1024;
/** Name, password and will of somebody who is not known yet. */
const CONNECT_BYTES_MAX = 128 * 1024;
/** A connection that says nothing for so long after it was opened. */
const CONNECT_MS_MAX = 10_000;
/** How long a goodbye may take to leave the house. */
const LINGER_MS = 5000;

/** One client of MQTT 3.1.1 or 5, over TCP or a WebSocket. */
export class MqttConnection implements MqttClient {
  readonly #carrier: Duplex;
  readonly #host: MqttHost;
  readonly #reader: PacketReader;
  readonly #publishes: MqttPublishes;
  readonly #inbox: Packet[] = [];
  #hasSpoken = false;
  #isAdmitting = false;
  #isOver = false;
  #deadline: NodeJS.Timeout | undefined;
  #version: MqttVersion = 4;
  readonly #hearing: MqttHearing;
  #hasLeft = false;
  asked: MqttAsked | undefined;
  /** Of v5 a DISCONNECT may change it. */
  expiryS = 0;
  stream: MqttStream | undefined;

  constructor(carrier: Duplex, host: MqttHost) {
    this.#carrier = carrier;
    this.#host = host;
    this.#hearing = new MqttHearing(host.now());
    this.#reader = new PacketReader(host.packetBytesMax, CONNECT_BYTES_MAX);
    this.#publishes = new MqttPublishes({
      acknowledge: (messageId, reasonCode) => this.send({ cmd: 'puback', messageId, reasonCode }),
      giveUp: (reason) => this.disconnect(reason),
      onRoom: () => this.#work(),
      isTold: () => this.#version === 5,
    });
    carrier.on('data', (bytes: Buffer) => this.#receive(bytes));
    carrier.on('drain', () => this.#work());
    carrier.on('error', () => undefined);
    // A WebSocket that was closed ends only what can be read; nothing more is to be written either.
    carrier.on('end', () => carrier.destroy());
    carrier.on('close', () => {
      clearTimeout(this.#deadline);
      this.#leave('client-left', true);
    });
    this.#expectWithin(CONNECT_MS_MAX);
  }

  get version(): MqttVersion {
    return this.#version;
  }
  get isOver(): boolean {
    return this.#isOver || this.#hasLeft;
  }

  /** Asked once a second of a client that has been let in: it is gone when it keeps silent. */
  look(nowMs: number): void {
    // While it is not read from, it cannot be heard.
    if (this.#carrier.isPaused() || !this.#hearing.isGone(nowMs, this.asked?.keepAliveS ?? 0)) return;
    this.disconnect(MQTT_REASON.keepAliveTimeout);
  }

  send(packet: Packet): void {
    if (this.isOver) return;
    this.#carrier.write(generate(packet, { protocolVersion: this.#version }));
  }

  /** Ends it from this side, saying why where the version can. */
  disconnect(reason: MqttReason | undefined, isWillDue = true): void {
    if (this.isOver) return;
    if (reason !== undefined && this.#version === 5 && this.asked) this.send({ cmd: 'disconnect', reasonCode: reason });
    this.#end();
    const isFault = reason === MQTT_REASON.malformed || reason === MQTT_REASON.protocolError;
    this.#leave(isFault ? 'protocol' : 'client-left', isWillDue);
  }

  destroy(): void {
    this.#carrier.destroy();
  }

  /** The stream was ended by the server: `bye`. A client that is sent away like this has not died. */
  endOf(reason: CloseReason | undefined): void {
    this.disconnect(reason && DISCONNECT_REASONS[reason], false);
  }

  #receive(bytes: Buffer): void {
    if (this.isOver) return;
    this.#hearing.hear(this.#host.now());
    // Another protocol would be waited for until what it takes for a length has come.
    if (!this.#hasSpoken && bytes[0] !== CONNECT) {
      this.#carrier.destroy();
      return;
    }
    this.#hasSpoken = true;
    try {
      for (const packet of this.#reader.feed(bytes)) {
        this.#inbox.push(packet);
        this.#hearing.complete();
      }
    } catch (error) {
      // What came before it is served first: a client may end its last words with nonsense.
      this.#work();
      if (!(error instanceof PacketError)) throw error;
      this.#refuse(error.isTooLarge ? MQTT_REASON.packetTooLarge : MQTT_REASON.malformed);
      return;
    }
    this.#hearing.rest(this.#reader.isMidway);
    this.#work();
  }

  /** Serves what has come as far as there is room for what it causes; reads on when all of it is served. */
  #work(): void {
    while (!this.#mustWait() && !this.isOver) {
      const packet = this.#inbox.shift();
      if (!packet) break;
      try {
        this.#serve(packet);
      } catch (error) {
        this.#host.onError(error);
        this.disconnect(MQTT_REASON.unspecified);
      }
    }
    if (this.#inbox.length > 0 || this.#mustWait()) this.#carrier.pause();
    else if (this.#carrier.isPaused()) {
      this.#hearing.resume(this.#host.now());
      this.#carrier.resume();
    }
  }

  #mustWait(): boolean {
    const isFull = this.#publishes.isFull(this.#host.publishesMax);
    return this.#isAdmitting || isFull || this.#carrier.writableLength >= BUFFER_BYTES_MAX;
  }

  #serve(packet: Packet): void {
    if (!this.asked) {
      if (packet.cmd === 'connect') void this.#connect(packet);
      else this.#carrier.destroy();
      return;
    }
    this.stream?.heard();
    if (packet.cmd === 'pingreq') this.send({ cmd: 'pingresp' });
    else if (packet.cmd === 'puback') this.stream?.acknowledge(packet.messageId ?? 0);
    else if (packet.cmd === 'publish') this.#publish(packet);
    else if (packet.cmd === 'subscribe') subscribe(this, this.#host, packet);
    else if (packet.cmd === 'unsubscribe') unsubscribe(this, this.#host, packet);
    else if (packet.cmd === 'disconnect') {
      this.#goodbye(packet.reasonCode ?? 0, packet.properties?.sessionExpiryInterval);
    } else this.disconnect(MQTT_REASON.protocolError);
  }

  async #connect(packet: IConnectPacket): Promise<void> {
    this.#version = packet.protocolVersion === 5 ? 5 : 4;
    const asked = readConnect(packet);
    if (typeof asked === 'number') {
      this.#refuse(asked);
      return;
    }
    this.asked = asked;
    this.expiryS = asked.expiryS;
    this.#isAdmitting = true;
    const admitted = await this.#host.admit(this, asked);
    this.#isAdmitting = false;
    if ('reason' in admitted) {
      this.#refuse(admitted.reason, admitted.says);
      return;
    }
    if (this.isOver) {
      admitted.giveUp();
      return;
    }
    clearTimeout(this.#deadline);
    this.#hearing.resume(this.#host.now());
    this.send(acceptance(asked, admitted.isPresent, this.#host));
    this.stream = admitted.open();
    this.#work();
  }

  /** Before the CONNACK has been sent it is what says no. */
  #refuse(reason: MqttReason, says?: string): void {
    if (this.stream) this.disconnect(reason);
    if (this.isOver) return;
    this.send(refusal(this.#version, reason, says, this.asked?.packetBytesMax));
    this.#end();
    this.#leave('protocol', false);
  }

  #publish({ topic, payload, qos, messageId, properties }: IPublishPacket): void {
    if (qos === 2) this.disconnect(MQTT_REASON.qosNotSupported);
    else if (properties?.topicAlias !== undefined) this.disconnect(MQTT_REASON.topicAliasInvalid);
    else if (!isTopicName(topic)) this.disconnect(MQTT_REASON.topicNameInvalid);
    else {
      const outcome = this.#host.publish(this, topic, Buffer.from(payload));
      this.#publishes.add(outcome, payload.length, qos === 1 ? messageId : undefined);
    }
  }

  #goodbye(reasonCode: number, expiryS: number | undefined): void {
    // A session that was to end with its connection cannot be kept after all (MQTT 5 §3.14.2.2.2).
    if (expiryS && this.asked?.expiryS === 0) {
      this.disconnect(MQTT_REASON.protocolError);
      return;
    }
    this.expiryS = expiryS ?? this.expiryS;
    this.#end();
    this.#leave('client-left', reasonCode === WITH_WILL);
  }

  #end(): void {
    this.#isOver = true;
    this.#carrier.resume();
    this.#carrier.end();
    this.#expectWithin(LINGER_MS);
  }

  /** Only before a client is let in and after it has been let go: in between the host looks. */
  #expectWithin(ms: number): void {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(() => this.#carrier.destroy(), ms);
    this.#deadline.unref();
  }

  #leave(reason: ClientEnd, isWillDue: boolean): void {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#host.onLeft(this, isWillDue && this.stream !== undefined);
    this.stream?.leave(reason);
  }
}
