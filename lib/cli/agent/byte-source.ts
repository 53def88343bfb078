/** Bytes that stand at fixed places and may grow at their end. */
export type ByteSource = {
  /** Reads from a place on; resolves to how many bytes came, 0 where nothing stands yet. */
  read(into: Uint8Array, position: number): Promise<number>;
};
