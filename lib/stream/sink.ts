import type { ClientEnd } from '@/lib/core/close-reason.ts';
import type { FrameName } from './wire-format.ts';

/**
 * Where a session writes: one connection of one transport. The session never queues: it stops at the first `false` and
 * goes on from its cursor when the sink calls back, so a slow reader costs at most one frame here.
 */
export type Sink = {
  /**
   * Takes the bytes; false means: enough, call `onReady` first. Never throws on a broken connection.
   * @param what for a transport that ends with certain frames, or answers them in its own way
   */
  write(bytes: Uint8Array, what: FrameName): boolean;
  /** Ends the connection after what has been written; `onClose` follows. */
  end(): void;
  /** Ends it at once, whatever has not been sent; `onClose` follows. For a peer that does not take even the goodbye. */
  destroy(): void;
  /** Written here and not yet taken by the system or the consumer. */
  readonly queuedBytes: number;
};

/** What a sink reports to its session. */
export type SinkEvents = {
  onReady(): void;
  onClose(reason: ClientEnd): void;
};
