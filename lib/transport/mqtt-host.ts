import type { Packet } from 'mqtt-packet';
import type { CloseReason } from '@/lib/core/close-reason.ts';
import type { MqttReason } from '@/lib/wire/mqtt-reasons.ts';
import type { MqttAsked } from './mqtt-connect.ts';
import type { MqttVersion } from './mqtt-format.ts';
import type { MqttStream } from './mqtt-stream.ts';

/** One client, as others see its connection. */
export type MqttClient = {
  readonly version: MqttVersion;
  readonly isOver: boolean;
  /** undefined before its CONNECT. */
  readonly asked: MqttAsked | undefined;
  readonly expiryS: number;
  /** undefined until it is let in. */
  readonly stream: MqttStream | undefined;
  send(packet: Packet): void;
  disconnect(reason: MqttReason | undefined): void;
  /** The server has ended its stream. */
  endOf(reason: CloseReason | undefined): void;
  /** Asked once a second: what is due by time alone. */
  look(nowMs: number): void;
  destroy(): void;
};

/** What came of something published. `away`: the store cannot take it now, the client has to try again. */
export type PublishOutcome = MqttReason | 'away';

/** Why a client is not let in. */
export type MqttRefusal = { readonly reason: MqttReason; readonly says?: string };

/** What a client that is let in finds. */
export type MqttAdmitted = {
  readonly isPresent: boolean;
  /** Either of them once: takes the place that is kept, or gives it back. */
  open(): MqttStream;
  giveUp(): void;
};

/** What a connection asks of the server. */
export type MqttHost = {
  readonly packetBytesMax: number;
  /** Publications of one client that are being stored. */
  readonly publishesMax: number;
  now(): number;
  /** Never rejects. */
  admit(client: MqttClient, asked: MqttAsked): Promise<MqttAdmitted | MqttRefusal>;
  /** Never rejects; begins to store in the order of the calls. */
  publish(client: MqttClient, topic: string, payload: Buffer): Promise<PublishOutcome>;
  /** Resolves when what a client has subscribed to is stored, or cannot be for now. Never rejects. */
  keep(client: MqttClient): Promise<void>;
  /** Whether a client may see anything at all. */
  maySubscribe(client: MqttClient): boolean;
  /** Keys of the last values that a client's subscription meets. */
  retainedFor(client: MqttClient, subscription: string): readonly string[];
  /** @param isWillDue it went without a DISCONNECT */
  onLeft(client: MqttClient, isWillDue: boolean): void;
  onError(error: unknown): void;
};
