import { isUtf8 } from 'node:buffer';

export type DecodedText = {
  readonly text: string;
  /** It ends in the middle of a character: its sender, or something on the way, has cut it. */
  readonly isCut: boolean;
};

/** 0x80 to 0x9f in Windows-1252; the rest is as in Latin-1. By hand, since Node 20's TextDecoder takes it for Latin-1. */
const WINDOWS_1252 = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
const HIGH_CONTROL = /[\u0080-\u009f]/g;
const BYTE_ORDER_MARK = 0xfeff;

/**
 * Bytes of a sender that does not say how they are encoded: UTF-8 where they are that, else Windows-1252, in which each
 * byte is a character, so that nothing is lost. A byte order mark goes.
 */
export function decodeText(bytes: Buffer): DecodedText {
  if (isUtf8(bytes)) return { text: withoutMark(bytes.toString('utf8')), isCut: false };
  const whole = bytes.subarray(0, lastCharacterStart(bytes));
  if (isUtf8(whole)) return { text: withoutMark(whole.toString('utf8')), isCut: true };
  const text = bytes
    .toString('latin1')
    .replace(HIGH_CONTROL, (high) => WINDOWS_1252[high.charCodeAt(0) - 0x80] ?? high);
  return { text, isCut: false };
}

function withoutMark(text: string): string {
  return text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
}

/** Where the last character begins that is more than one byte in UTF-8 and has bytes missing; the end where none is. */
function lastCharacterStart(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    // A single byte before the end is what an older encoding writes for "é": only with others before it is it a cut.
    return length > back && hasMultiByte(bytes, bytes.length - back) ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}

function hasMultiByte(bytes: Buffer, end: number): boolean {
  return bytes.subarray(0, end).some((byte) => byte >= 0x80) || end + 1 < bytes.length;
}
