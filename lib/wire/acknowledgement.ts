import { z } from 'zod';

/**
 * Body of `POST /api/connections/:id/ack`: sent by a client about once a heartbeat interval. A client that has promised
 * acknowledgements (`ack=1` in the stream's query), or has sent one, is considered gone when several fail to come.
 */
export const acknowledgementSchema = z.object({
  /** Position of the last event or control frame that the client has handled. */
  position: z.string().max(40),
  /** The `time` of the last heartbeat received and how long ago that was, so that the server can tell the round trip. */
  heartbeat: z.object({ time: z.string().max(40), heldMs: z.number().min(0).max(3_600_000) }).optional(),
  /** How often this client has come back since it was opened. */
  reconnects: z.number().int().min(0).max(1_000_000_000).optional(),
});
export type Acknowledgement = z.infer<typeof acknowledgementSchema>;
