import type { ProtoReader } from '../proto-reader.ts';

/** 0x7ff0000000000002 */
const [LOW, HIGH] = [2, 0x7ff0_0000];

/**
 * Whether the double that was read last is the one NaN by which Prometheus says that a series has ended. Its bits are read
 * again: a number of JavaScript does not keep which NaN it is.
 */
export function isStaleMarker(reader: ProtoReader, value: number): boolean {
  if (!Number.isNaN(value)) return false;
  reader.at -= 8;
  const [low, high] = [reader.fixed32(), reader.fixed32()];
  return low === LOW && high === HIGH;
}
