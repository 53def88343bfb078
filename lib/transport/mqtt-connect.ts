import { generate, type IConnackPacket, type IConnectPacket } from 'mqtt-packet';
import { randomId } from '@/lib/core/position.ts';
import { MQTT_REASON, type MqttReason, returnCode } from '@/lib/wire/mqtt-reasons.ts';
import { ingestService } from '@/lib/wire/mqtt-topics.ts';
import type { MqttVersion } from './mqtt-format.ts';

const CLIENT_ID_CHARS_MAX = 128;
/** The session stays until something else ends it (MQTT 5 §3.1.2.11.2). */
export const EXPIRY_NEVER_S = 0xffff_ffff;
/** QoS 1 messages on the way to one client. */
const RECEIVE_MAX = 1000;
const PACKET_BYTES_MAX = 0xffff_ffff;

export type MqttWill = { readonly topic: string; readonly payload: Buffer; readonly delayS: number };

/** What a CONNECT asks for, with the defaults of its version. */
export type MqttAsked = {
  readonly version: MqttVersion;
  readonly clientId: string;
  /** The client has none of its own. */
  readonly isAssigned: boolean;
  readonly isClean: boolean;
  /** 0: the session ends with the connection. */
  readonly expiryS: number;
  /** 0: none. */
  readonly keepAliveS: number;
  readonly receiveMax: number;
  readonly packetBytesMax: number;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly will: MqttWill | undefined;
};

/** Reads a CONNECT; the reason why not when it cannot be served. */
export function readConnect(packet: IConnectPacket): MqttAsked | MqttReason {
  const { clientId, protocolVersion, clean = false, properties = {}, username, password } = packet;
  if (protocolVersion !== 4 && protocolVersion !== 5) return MQTT_REASON.unsupportedVersion;
  if (properties.authenticationMethod !== undefined) return MQTT_REASON.badAuthenticationMethod;
  if (properties.receiveMaximum === 0 || properties.maximumPacketSize === 0) return MQTT_REASON.protocolError;
  if (clientId.length > CLIENT_ID_CHARS_MAX || clientId.includes('\u0000')) return MQTT_REASON.clientIdInvalid;
  // 3.1.1 could not tell a client the name under which its session is kept (§3.1.3.1).
  if (clientId === '' && protocolVersion === 4 && !clean) return MQTT_REASON.clientIdInvalid;
  const will = readWill(packet);
  if (typeof will === 'number') return will;
  const expiryS = protocolVersion === 5 ? (properties.sessionExpiryInterval ?? 0) : clean ? 0 : EXPIRY_NEVER_S;
  return {
    version: protocolVersion,
    clientId: clientId || `auto-${randomId()}`,
    isAssigned: clientId === '',
    isClean: clean,
    expiryS,
    keepAliveS: packet.keepalive ?? 0,
    receiveMax: Math.min(properties.receiveMaximum ?? RECEIVE_MAX, RECEIVE_MAX),
    packetBytesMax: properties.maximumPacketSize ?? PACKET_BYTES_MAX,
    username,
    password: password?.toString(),
    will,
  };
}

/** A will that could never be published is refused while somebody is there to be told. */
function readWill({ will, protocolVersion }: IConnectPacket): MqttWill | undefined | MqttReason {
  if (!will) return undefined;
  if (protocolVersion === 5 && will.qos === 2) return MQTT_REASON.qosNotSupported;
  if (ingestService(will.topic) === undefined) return MQTT_REASON.topicNameInvalid;
  const { topic, payload, properties } = will;
  return { topic, payload: Buffer.from(payload), delayS: properties?.willDelayInterval ?? 0 };
}

/** @param says a sentence, told where the version can and the client takes a packet so long (MQTT 5 §3.2.2.3.9) */
export function refusal(
  version: number,
  reason: MqttReason,
  says?: string,
  packetBytesMax = PACKET_BYTES_MAX,
): IConnackPacket {
  if (version !== 5) return { cmd: 'connack', sessionPresent: false, returnCode: returnCode(reason) };
  const bare: IConnackPacket = { cmd: 'connack', sessionPresent: false, reasonCode: reason };
  if (says === undefined) return bare;
  const explained = { ...bare, properties: { reasonString: says } };
  return generate(explained, { protocolVersion: version }).length <= packetBytesMax ? explained : bare;
}

export function acceptance(
  asked: MqttAsked,
  sessionPresent: boolean,
  limits: { readonly packetBytesMax: number; readonly publishesMax: number },
): IConnackPacket {
  if (asked.version === 4) return { cmd: 'connack', sessionPresent, returnCode: 0 };
  const properties = {
    receiveMaximum: limits.publishesMax,
    maximumQoS: 1,
    maximumPacketSize: limits.packetBytesMax,
    topicAliasMaximum: 0,
    subscriptionIdentifiersAvailable: false,
    sharedSubscriptionAvailable: false,
    ...(asked.isAssigned && { assignedClientIdentifier: asked.clientId }),
  };
  return { cmd: 'connack', sessionPresent, reasonCode: MQTT_REASON.success, properties };
}
