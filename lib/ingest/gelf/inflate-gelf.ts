import { gunzipSync, inflateSync } from 'node:zlib';
import { Refused } from '../http-protocol.ts';

/** Of one message, after decompression. */
export const GELF_BYTES_MAX = 2 * 1024 * 1024;

/** What a message is compressed with is told by its first bytes: gzip (1f 8b), zlib (78, and a check of both), or nothing. */
export function inflateGelf(bytes: Buffer): Buffer | Refused {
  const inflate = isGzip(bytes) ? gunzipSync : isZlib(bytes) ? inflateSync : undefined;
  if (!inflate) return bytes;
  try {
    return inflate(bytes, { maxOutputLength: GELF_BYTES_MAX });
  } catch (error) {
    const says = (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too large' : 'not valid';
    return new Refused(
      `the compressed GELF message is ${says}: expected at most ${GELF_BYTES_MAX} bytes of gzip or zlib`,
    );
  }
}

function isGzip(bytes: Buffer): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** RFC 1950 §2.2: deflate, and the first two bytes are a multiple of 31. */
function isZlib(bytes: Buffer): boolean {
  const [method = 0, flags = 0] = bytes;
  return (method & 0x0f) === 8 && method >> 4 <= 7 && ((method << 8) | flags) % 31 === 0;
}
