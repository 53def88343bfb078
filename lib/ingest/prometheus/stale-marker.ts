import type { Reader } from 'protobufjs/minimal.js';

/**
 * Whether the double that comes next is the one NaN by which Prometheus says that a series has ended. Its bits are looked
 * at: a number of JavaScript does not keep which NaN it is.
 */
export function isStaleMarker(reader: Reader): boolean {
  const { buf, pos } = reader;
  return (
    buf[pos] === 2 &&
    buf[pos + 1] === 0 &&
    buf[pos + 2] === 0 &&
    buf[pos + 3] === 0 &&
    buf[pos + 4] === 0 &&
    buf[pos + 5] === 0 &&
    buf[pos + 6] === 0xf0 &&
    buf[pos + 7] === 0x7f
  );
}
