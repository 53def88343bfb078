import type { TailraceEvent } from '@/lib/core/event.ts';
import { formatPosition } from '@/lib/core/position.ts';
import type { WireFormat } from '@/lib/stream/wire-format.ts';
import type { ByeFrame, ControlFrames, ControlName } from '@/lib/wire/frames.ts';
import { eventMessage } from '@/lib/wire/proto/event-message.ts';
import type { EventMessage } from '@/lib/wire/proto/messages.ts';

/** A `StreamFrame` as its serializer takes it: control frames have the same names and fields there as in JSON. */
export type StreamFrameMessage = { readonly id?: string } & (
  | { readonly events: { readonly events: readonly EventMessage[] } }
  | { readonly [Name in Exclude<ControlName, 'busy'>]?: ControlFrames[Name] }
);

/** How a `StreamFrame` becomes bytes and comes back. */
export type FrameCodec = {
  serialize(frame: StreamFrameMessage): Buffer;
  deserialize(bytes: Buffer): StreamFrameMessage;
};

const NOTHING = new Uint8Array(0);

/**
 * Frames as `StreamFrame` messages, encoded once for all calls with the same filter. Typed fields cost 3.2 µs an event
 * where the stored JSON in a text field would cost 0.8: once a group and not once a call, a quarter fewer bytes, and no
 * client needs a second parser. To be made once a server: streams share what they encode when they share the format.
 */
export function makeGrpcFormat({ serialize }: Pick<FrameCodec, 'serialize'>): WireFormat {
  return {
    name: 'grpc',
    events(epoch, previous, events, durableSeq = Number.POSITIVE_INFINITY) {
      let prev = formatPosition(epoch, previous);
      const messages = events.map(({ seq, body }) => {
        const position = formatPosition(epoch, seq);
        const event = JSON.parse(body) as TailraceEvent;
        const message = eventMessage(event, { position, prev, durable: seq <= durableSeq });
        prev = position;
        return message;
      });
      return serialize({ events: { events: messages } });
    },
    control: (name, data, id) => {
      // Refusals are statuses.
      return name === 'busy' ? NOTHING : serialize({ ...(id !== undefined && { id }), [name]: data });
    },
    retry: () => NOTHING,
  };
}

/** The goodbye in a frame's bytes. */
export function readGoodbye({ deserialize }: Pick<FrameCodec, 'deserialize'>, bytes: Uint8Array): ByeFrame | undefined {
  const frame = deserialize(Buffer.from(bytes));
  return 'bye' in frame ? frame.bye : undefined;
}
