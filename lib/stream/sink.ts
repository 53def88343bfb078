/**
 * Where a session writes: one connection of one transport. The session never queues: it stops at the first `false` and
 * goes on from its cursor when the sink calls back, so a slow reader costs at most one frame here.
 */
export type Sink = {
  /** Takes the bytes; false means: enough, call `onReady` first. Never throws on a broken connection. */
  write(bytes: Uint8Array): boolean;
  /** Ends the connection after what has been written. */
  end(): void;
};

/** What a sink reports to its session. */
export type SinkEvents = {
  onReady(): void;
  onClose(reason: 'client-left' | 'write-failed'): void;
};
