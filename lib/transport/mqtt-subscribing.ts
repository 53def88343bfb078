import type { ISubackPacket, ISubscribePacket, IUnsubackPacket, IUnsubscribePacket } from 'mqtt-packet';
import { isAppError } from '@/lib/core/errors.ts';
import { TOPICS_MAX } from '@/lib/core/filter-topics.ts';
import { parseFrom, type StreamStart } from '@/lib/stream/stream-start.ts';
import { MQTT_REASON, type MqttReason } from '@/lib/wire/mqtt-reasons.ts';
import { isSubscription } from '@/lib/wire/mqtt-topics.ts';
import type { MqttClient, MqttHost } from './mqtt-host.ts';

/** What one client's subscriptions may be together, as its session is kept in the store. */
const TOPIC_CHARS_TOTAL_MAX = 16 * 1024;
const SHARED = '$share/';
/** Retain handling of MQTT 5 (§3.8.3.1). */
const ONLY_NEW = 1;
const NEVER = 2;
/** The only word 3.1.1 has for a subscription that is refused. */
const FAILURE = 0x80;

/** SUBSCRIBE: more topics from where the stream stands, and the last values of the metrics they meet. */
export function subscribe(client: MqttClient, host: MqttHost, packet: ISubscribePacket): void {
  const { stream, version } = client;
  if (!stream) return;
  const isNumbered = packet.properties?.subscriptionIdentifier !== undefined;
  if (isNumbered || packet.subscriptions.length === 0) {
    client.disconnect(isNumbered ? MQTT_REASON.idsNotSupported : MQTT_REASON.protocolError);
    return;
  }
  const start = readStart(packet, host.now());
  const before = stream.subscriptions;
  const after = new Map(before);
  const retained = new Set<string>();
  const granted = packet.subscriptions.map(({ topic, qos, rh = 0 }) => {
    const isAllowed = host.maySubscribe(client);
    const isNonsense = start === 'nonsense' && MQTT_REASON.implementationSpecific;
    const refused = isAllowed ? isNonsense || whyNot(topic, after) : MQTT_REASON.notAuthorized;
    if (refused !== undefined) return version === 5 ? refused : FAILURE;
    const isNew = !before.has(topic);
    after.set(topic, qos === 0 ? 0 : 1);
    const wantsRetained = rh !== NEVER && (rh !== ONLY_NEW || isNew);
    if (wantsRetained) for (const key of host.retainedFor(client, topic)) retained.add(key);
    return qos === 0 ? 0 : 1;
  });
  const isChanged = [...after].some(([topic, qos]) => before.get(topic) !== qos);
  if (start !== 'nonsense' && (isChanged || start)) stream.resubscribe(after, start);
  answer(client, host, { cmd: 'suback', messageId: packet.messageId ?? 0, granted });
  stream.offerRetained(retained);
}

/**
 * The user property `from` of a SUBSCRIBE, as `from` in the query of every other transport: a position that any of them has
 * told, a time or an age. So a client can come from another transport, or go back.
 */
function readStart({ properties }: ISubscribePacket, nowMs: number): StreamStart | undefined | 'nonsense' {
  const given = [properties?.userProperties?.['from']].flat()[0];
  if (given === undefined) return undefined;
  try {
    return parseFrom(given, nowMs);
  } catch (error) {
    if (!isAppError(error)) throw error;
    return 'nonsense';
  }
}

function whyNot(topic: string, subscriptions: ReadonlyMap<string, number>): MqttReason | undefined {
  if (topic.startsWith(SHARED)) return MQTT_REASON.sharedNotSupported;
  if (!isSubscription(topic)) return MQTT_REASON.topicFilterInvalid;
  if (subscriptions.has(topic)) return undefined;
  const chars = [...subscriptions.keys()].reduce((sum, { length }) => sum + length, topic.length);
  const isFull = subscriptions.size >= TOPICS_MAX || chars > TOPIC_CHARS_TOTAL_MAX;
  return isFull ? MQTT_REASON.quotaExceeded : undefined;
}

/** UNSUBSCRIBE. */
export function unsubscribe(client: MqttClient, host: MqttHost, packet: IUnsubscribePacket): void {
  const { stream } = client;
  if (!stream) return;
  if (packet.unsubscriptions.length === 0) {
    client.disconnect(MQTT_REASON.protocolError);
    return;
  }
  const after = new Map(stream.subscriptions);
  const granted = packet.unsubscriptions.map((topic) =>
    after.delete(topic) ? MQTT_REASON.success : MQTT_REASON.noSubscription,
  );
  if (after.size !== stream.subscriptions.size) stream.resubscribe(after);
  answer(client, host, { cmd: 'unsuback', messageId: packet.messageId ?? 0, granted });
}

/** What a session that is kept is told of its subscriptions is true after a crash as well. */
function answer(client: MqttClient, host: MqttHost, packet: ISubackPacket | IUnsubackPacket): void {
  if (client.expiryS === 0) client.send(packet);
  else void host.keep(client).then(() => client.send(packet));
}
