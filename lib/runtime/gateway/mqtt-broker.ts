import type { Duplex } from 'node:stream';
import type { AppendChain } from '@/lib/core/append-chain.ts';
import type { ResourceOwner } from '@/lib/core/ledger.ts';
import { isAllowed, type Principal, SEES_NOTHING, sightOf } from '@/lib/core/principal.ts';
import type { Peer } from '@/lib/stream/peer.ts';
import type { MqttAsked } from '@/lib/transport/mqtt-connect.ts';
import { MqttConnection } from '@/lib/transport/mqtt-connection.ts';
import type { MqttAdmitted, MqttClient, MqttHost, MqttRefusal } from '@/lib/transport/mqtt-host.ts';
import { MqttStream } from '@/lib/transport/mqtt-stream.ts';
import { MQTT_REASON, refusalReason } from '@/lib/wire/mqtt-reasons.ts';
import type { Runtime } from '../create-runtime.ts';
import type { SenderAsked } from '../reception.ts';
import { type CarrierFrom, mqttPeer, whoConnects } from './mqtt-credential.ts';
import { MqttIngest } from './mqtt-ingest.ts';
import { MqttRetained } from './mqtt-retained.ts';
import { sessionKey } from './mqtt-session-key.ts';
import { MqttSessions, type StoredSession } from './mqtt-sessions.ts';
import { MqttStrangers } from './mqtt-strangers.ts';
import { MqttWills } from './mqtt-wills.ts';

const PACKET_BYTES_MAX = 1024 * 1024;
const PUBLISHES_MAX = 100;
const SWEEP_MS = 1000;

type From = CarrierFrom & {
  readonly carrier: Duplex;
  /** Of the places of those who are not let in. */
  readonly leave: () => void;
  /** Where this process stores what is published; a gateway hands each message on by itself. */
  readonly chain?: AppendChain;
  peer?: Peer;
  key?: string;
};

/** All clients of MQTT: who they are, what is kept of them, what they publish. It has no queues: each is a cursor. */
export class MqttBroker implements MqttHost {
  readonly packetBytesMax = PACKET_BYTES_MAX;
  readonly publishesMax = PUBLISHES_MAX;
  readonly now: () => number = Date.now;
  readonly onError: (error: unknown) => void;
  readonly #runtime: Runtime;
  readonly #owner: ResourceOwner;
  readonly #from = new Map<MqttClient, From>();
  /** Those let in, or about to be, by the keys of their sessions. */
  readonly #clients = new Map<string, MqttClient>();
  readonly #strangers: MqttStrangers;
  readonly #sessions: MqttSessions;
  readonly #retained: MqttRetained;
  readonly #ingest: MqttIngest;
  readonly #wills: MqttWills;
  #timer: NodeJS.Timeout | undefined;
  #flush: NodeJS.Immediate | undefined;

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
    this.onError = runtime.onError;
    this.#owner = runtime.ledger.owner('mqtt');
    this.#strangers = new MqttStrangers(runtime.log, this.now);
    this.#sessions = new MqttSessions(runtime);
    this.#retained = new MqttRetained(runtime);
    this.#ingest = new MqttIngest(runtime);
    this.#wills = new MqttWills(({ will, clientId: from, sender }) => {
      const { topic, payload } = will;
      void this.#ingest.publish({ sender, line: will, from, topic, payload });
    });
  }

  accept(carrier: Duplex, from: CarrierFrom): void {
    const leave = this.#strangers.enter(from.address);
    if (!leave) {
      carrier.destroy();
      return;
    }
    const connection = new MqttConnection(carrier, this);
    this.#from.set(connection, { ...from, carrier, leave, ...(this.#runtime.canDecide && { chain: {} }) });
    carrier.once('close', () => {
      leave();
      this.#from.delete(connection);
    });
  }

  async admit(connection: MqttClient, asked: MqttAsked): Promise<MqttAdmitted | MqttRefusal> {
    const { clientId, isClean } = asked;
    const from = this.#from.get(connection);
    const who = await whoConnects(this.#runtime, from, asked);
    if ('reason' in who) return who;
    if (connection.isOver || !from) return { reason: MQTT_REASON.unspecified };
    const key = sessionKey(who, clientId, this.#runtime.access.book.sessions);
    from.key = key;
    from.leave();
    const there = this.#clients.get(key);
    // The place it leaves is free again at once.
    there?.disconnect(MQTT_REASON.takenOver);
    this.#clients.set(key, connection);
    this.#start();
    let stored: StoredSession | undefined;
    try {
      await this.#retained.follow();
      stored = await this.#sessions.load(key, this.now());
    } catch (error) {
      // A clean session needs no store; what it was to forget is forgotten when the store is back.
      if (!isClean) {
        this.#runtime.log.warn({ err: error, clientId, journal: false }, 'the session of an MQTT client was not found');
        this.#dismiss(connection, key);
        return { reason: MQTT_REASON.serverUnavailable, says: 'the store that keeps its session is away' };
      }
    }
    if (connection.isOver || this.#clients.get(key) !== connection) return { reason: MQTT_REASON.unspecified };
    const resumed = isClean ? undefined : stored;
    const peer = mqttPeer(this.#runtime, from, asked, who, resumed !== undefined);
    from.peer = peer;
    const refusal = this.#runtime.hub.admission.enter(peer, this.now());
    if (refusal) {
      this.#dismiss(connection, key);
      return { reason: refusalReason(refusal.code), says: refusal.says };
    }
    if (isClean) this.#sessions.forget(key);
    this.#wills.comeBack(key, resumed !== undefined);
    return {
      isPresent: resumed !== undefined,
      open: () => this.#open(connection, asked, peer, resumed),
      giveUp: () => this.#runtime.hub.admission.leave(peer),
    };
  }

  publish(connection: MqttClient, topic: string, payload: Buffer): ReturnType<MqttHost['publish']> {
    const from = connection.asked?.clientId ?? '';
    const chain = this.#from.get(connection)?.chain;
    const sender = this.#senderOf(connection);
    return this.#ingest.publish({ sender, line: connection, chain, from, topic, payload });
  }

  async keep(client: MqttClient): Promise<void> {
    this.#note(client, this.now());
    await this.#sessions.flush(this.now());
  }

  maySubscribe(connection: MqttClient): boolean {
    const principal = this.#principalOf(connection);
    return principal !== undefined && isAllowed(principal, 'view');
  }

  retainedFor(connection: MqttClient, subscription: string): readonly string[] {
    const principal = this.#principalOf(connection);
    return this.#retained.keysFor(subscription, principal ? sightOf(principal) : SEES_NOTHING);
  }

  onLeft(connection: MqttClient, isWillDue: boolean): void {
    const { asked, expiryS } = connection;
    const key = this.#from.get(connection)?.key;
    if (!asked || key === undefined || this.#clients.get(key) !== connection) return;
    const { clientId, will } = asked;
    this.#clients.delete(key);
    if (connection.stream) {
      if (expiryS === 0) this.#sessions.forget(key);
      else this.#note(connection, this.now());
      if (will && isWillDue) {
        this.#wills.leave({ key, clientId, will, expiryS, sender: this.#senderOf(connection) });
      }
    }
    this.#sessions.release(key);
    // Together with others that leave now, and before a server that is closing closes its store.
    this.#flush ??= setImmediate(() => {
      this.#flush = undefined;
      void this.#save();
    });
  }

  close(): void {
    for (const [connection] of this.#from) connection.destroy();
    this.#wills.close();
    this.#ingest.close();
    this.#stop();
  }

  #open(connection: MqttClient, asked: MqttAsked, peer: Peer, resumed: StoredSession | undefined): MqttStream {
    const { hub, journal, log } = this.#runtime;
    const carrier = this.#from.get(connection)?.carrier;
    if (!carrier) throw new Error('a connection that was not accepted here');
    const { version, receiveMax, packetBytesMax, clientId } = asked;
    const parts = {
      ...{ hub, carrier, peer, version, receiveMax, packetBytesMax },
      epoch: journal.epoch,
      retained: (topic: string) => this.#retained.packet(version, topic),
      end: (reason: Parameters<MqttClient['endOf']>[0]) => connection.endOf(reason),
      destroy: () => connection.destroy(),
      onTooLarge: (bytes: number) =>
        log.warn({ clientId, bytes, journal: false }, 'an event was not sent: its client takes no packet so large'),
      // Also told under `tailrace/control`, to whoever has subscribed to it.
      onLoss: () => log.warn({ clientId, journal: false }, 'events are gone that an MQTT client has not been sent'),
    };
    return new MqttStream(parts, resumed?.subscriptions ?? new Map(), resumed?.place);
  }

  #principalOf(connection: MqttClient): Principal | undefined {
    return this.#from.get(connection)?.peer?.principal;
  }

  #senderOf(connection: MqttClient): SenderAsked {
    const from = this.#from.get(connection);
    const who = from?.peer?.principal;
    const header: SenderAsked['header'] = (name) => from?.header(name) ?? null;
    return { protocol: 'mqtt', peerAddress: from?.address, header, ...(who && { who }) };
  }

  #note(connection: MqttClient, nowMs: number): void {
    const key = this.#from.get(connection)?.key;
    if (key !== undefined) this.#sessions.note(key, connection, nowMs);
  }

  #dismiss(connection: MqttClient, key: string): void {
    if (this.#clients.get(key) === connection) this.#clients.delete(key);
  }

  #start(): void {
    if (this.#timer) return;
    this.#timer = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#timer.unref();
    this.#owner.acquire('timer');
  }

  #sweep(): void {
    const nowMs = this.now();
    for (const connection of [...this.#clients.values()]) {
      connection.look(nowMs);
      if (!connection.isOver) this.#note(connection, nowMs);
    }
    void this.#save();
  }

  async #save(): Promise<void> {
    await this.#sessions.flush(this.now());
    if (this.#clients.size === 0 && this.#sessions.unsaved === 0) this.#stop();
  }

  #stop(): void {
    this.#retained.rest();
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#owner.release('timer');
  }
}
