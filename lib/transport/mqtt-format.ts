import { generate, type IPublishPacket } from 'mqtt-packet';
import { compileTopics, filterableOf } from '@/lib/core/filter-topics.ts';
import { formatPosition, parsePosition } from '@/lib/core/position.ts';
import type { WireFormat } from '@/lib/stream/wire-format.ts';
import type { ControlFrames, ControlName } from '@/lib/wire/frames.ts';
import { jsonFrames } from '@/lib/wire/json-frames.ts';
import { controlTopic, eventPattern, eventTopic, meetsTopic } from '@/lib/wire/mqtt-topics.ts';

export type MqttVersion = 4 | 5;

/** One PUBLISH packet inside a chunk. */
export type PublishMark = {
  /** Where it ends in the chunk. */
  readonly end: number;
  /** Where its packet identifier is, two bytes; 0 when it has none (QoS 0). */
  readonly idAt: number;
  /** Of the event it carries; 0 for a control frame. */
  readonly seq: number;
  /** Until it is sent, and acknowledged, the client has been served up to here; undefined where nothing hangs on it. */
  readonly before: number | undefined;
};

const FORMATS_MAX = 1000;
const NOTHING = new Uint8Array(0);
/** Beside the bytes, so that a format stays what it is for every other transport. */
const marks = new WeakMap<Uint8Array, readonly PublishMark[]>();
const formats = new Map<string, WireFormat>();

/** The packets in a chunk that a format here has encoded; undefined for bytes that something else has made. */
export function publishMarks(chunk: Uint8Array): readonly PublishMark[] | undefined {
  return marks.get(chunk);
}

/**
 * PUBLISH packets, encoded once for all clients that ask for the same at the same quality of service. Packet identifiers
 * are each client's own: there is room for them, and `mqtt-outbox.ts` writes them into its copy.
 * @param atLeastOnce subscriptions with QoS 1; what several subscriptions meet comes once, at the highest QoS of them
 */
export function mqttFormat(version: MqttVersion, atLeastOnce: readonly string[]): WireFormat {
  const subscriptions = [...new Set(atLeastOnce)].sort();
  const name = `mqtt${version} ${JSON.stringify(subscriptions)}`;
  const known = formats.get(name);
  formats.delete(name);
  const format = known ?? makeFormat(name, version, subscriptions);
  formats.set(name, format);
  const [oldest] = formats.keys();
  if (formats.size > FORMATS_MAX && oldest !== undefined) formats.delete(oldest);
  return format;
}

function makeFormat(name: string, version: MqttVersion, atLeastOnce: readonly string[]): WireFormat {
  const asksForAck = compileTopics(atLeastOnce.flatMap((subscription) => eventPattern(subscription) ?? []));
  return {
    name,
    events(epoch, previous, events, durableSeq = Number.POSITIVE_INFINITY) {
      let prev = formatPosition(epoch, previous);
      const packets = events.map(({ seq, kind, body }) => {
        const position = formatPosition(epoch, seq);
        const mark = seq > durableSeq ? '"durable":false,' : '';
        const payload = `{"position":"${position}","prev":"${prev}",${mark}${body.slice(1)}`;
        const qos = asksForAck(filterableOf(kind === 'log' ? 'log' : 'metric', body)) ? 1 : 0;
        const packet = publish(version, eventTopic(kind, body), payload, { qos, userProperties: { position, prev } });
        prev = position;
        return { ...packet, seq, before: seq - 1 };
      });
      return join(packets);
    },
    control(frame, data, id) {
      const topic = controlTopic(frame);
      const before = lossBefore(frame, data);
      const qos = before !== undefined && atLeastOnce.some((subscription) => meetsTopic(subscription, topic)) ? 1 : 0;
      const userProperties = id === undefined ? undefined : { position: id };
      const packet = publish(version, topic, jsonFrames.control(frame, data, id), { qos, userProperties });
      return join([{ ...packet, seq: 0, before }]);
    },
    retry: () => NOTHING,
  };
}

/** Where the cursor has to stay until a frame that tells of a loss is acknowledged; undefined for every other frame. */
function lossBefore<Name extends ControlName>(name: Name, data: ControlFrames[Name]): number | undefined {
  if (name !== 'gap' && name !== 'stream') return undefined;
  const { from, missed = 0, state } = data as { from: string; missed?: number; state?: string };
  if (name === 'stream' && state !== 'gap' && state !== 'reset') return undefined;
  const seq = parsePosition(from)?.seq ?? 0;
  // A stream begins after what it has missed; what was missed in another epoch has no place in this one.
  return state === 'gap' ? Math.max(0, seq - missed) : seq;
}

type PublishOptions = {
  readonly qos: 0 | 1;
  readonly userProperties: Readonly<Record<string, string>> | undefined;
  readonly retain?: boolean;
};

/** A PUBLISH whose packet identifier, if it has one, is still to be written at `idAt`. */
export function publish(
  version: MqttVersion,
  topic: string,
  payload: string,
  { qos, userProperties, retain = false }: PublishOptions,
): { readonly bytes: Buffer; readonly idAt: number } {
  const packet: IPublishPacket = { cmd: 'publish', topic, payload, qos, retain, dup: false, messageId: 1 };
  // The codec writes nothing at all when it finds an empty list.
  const named = userProperties && { userProperties };
  const properties = { payloadFormatIndicator: true, contentType: 'application/json', ...named };
  const bytes = generate(version === 5 ? { ...packet, properties } : packet, { protocolVersion: version });
  return { bytes, idAt: qos === 0 ? 0 : identifierAt(bytes) };
}

/** After the topic (MQTT 5 §3.3.2): one byte of flags, the length in one to four, the topic with its own length. */
function identifierAt(packet: Buffer): number {
  let at = 1;
  while ((packet[at] ?? 0) >= 0x80) at += 1;
  return at + 3 + packet.readUInt16BE(at + 1);
}

type Encoded = {
  readonly bytes: Buffer;
  readonly idAt: number;
  readonly seq: number;
  readonly before: number | undefined;
};

function join(packets: readonly Encoded[]): Uint8Array {
  const chunk = Buffer.concat(packets.map(({ bytes }) => bytes));
  let end = 0;
  const list = packets.map(({ bytes, idAt, seq, before }): PublishMark => {
    const start = end;
    end += bytes.length;
    return { end, idAt: idAt === 0 ? 0 : start + idAt, seq, before };
  });
  marks.set(chunk, list);
  return chunk;
}
