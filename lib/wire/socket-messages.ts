import { z } from 'zod';
import { acknowledgementSchema } from './acknowledgement.ts';

/** Subprotocol of `/api/ws`. */
export const SOCKET_PROTOCOL = 'tailrace.v1';

/**
 * What a client may send over a WebSocket, one JSON object a text message. The server's messages are JSON arrays of
 * frames (`json-frames.ts`), with two more names: `pong` and `error`.
 */
export const socketMessageSchema = z.discriminatedUnion('type', [
  /** Another filter, or another place. Without `from` the stream goes on where it is. The query is that of the address. */
  z.object({ type: z.literal('subscribe'), query: z.string().max(8192) }),
  acknowledgementSchema.extend({ type: z.literal('ack') }),
  /** Answered with `pong`: whether the line is alive, asked by the client. */
  z.object({ type: z.literal('ping'), id: z.string().max(64).optional() }),
]);
export type SocketMessage = z.infer<typeof socketMessageSchema>;

/** Data of the frame `pong`. */
export type PongFrame = { readonly id?: string | undefined; readonly time: string };
/** Data of the frame `error`: what was wrong with a message. The stream goes on. */
export type SocketErrorFrame = { readonly code: string; readonly detail: string };
