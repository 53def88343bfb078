import { CLOSE_REASONS, type CloseReason } from '@/lib/core/close-reason.ts';
import type { WireFormat } from '@/lib/stream/wire-format.ts';
import { jsonFrames } from '@/lib/wire/json-frames.ts';

/**
 * A message is whole or nothing: on a line that breaks again and again a page of replay in one message would never arrive,
 * however often the client comes back.
 */
const MESSAGE_CHARS_MAX = 8 * 1024;

/**
 * JSON arrays of frames as text messages, with WebSocket's own framing done (RFC 6455 §5.2): what a server sends is not
 * masked, so the same bytes go to every socket. Through `ws.send` each connection would frame them again.
 */
export const webSocketFormat: WireFormat = {
  name: 'ws',
  events: (...given) => Buffer.concat(runsOf(jsonFrames.events(...given)).map(textMessage)),
  control: (...given) => textMessage([jsonFrames.control(...given)]),
  // Goodbyes and refusals name their own delay.
  retry: () => new Uint8Array(0),
};

/** The texts in messages, each as large as it may be or holding one. */
function runsOf(texts: readonly string[]): string[][] {
  const runs: string[][] = [];
  let chars = 0;
  for (const text of texts) {
    const run = runs.at(-1);
    if (run && chars + text.length <= MESSAGE_CHARS_MAX) run.push(text);
    else {
      runs.push([text]);
      chars = 0;
    }
    chars += text.length;
  }
  return runs;
}

/** The texts of messages as this format writes them, for a connection that has to compress each by itself. */
export function* payloadsOf(messages: Uint8Array): Generator<Uint8Array> {
  const view = Buffer.from(messages.buffer, messages.byteOffset, messages.byteLength);
  for (let at = 0; at < view.length; ) {
    const short = view[at + 1] ?? 0;
    const start = at + (short < 126 ? 2 : short === 126 ? 4 : 10);
    const length =
      short < 126 ? short : short === 126 ? view.readUInt16BE(at + 2) : Number(view.readBigUInt64BE(at + 2));
    yield view.subarray(start, start + length);
    at = start + length;
  }
}

const FIN_TEXT = 0x81;

function textMessage(frames: readonly string[]): Uint8Array {
  const payload = Buffer.from(`[${frames.join(',')}]`);
  const { length } = payload;
  const lengthBytes = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const message = Buffer.allocUnsafe(2 + lengthBytes + length);
  message[0] = FIN_TEXT;
  message[1] = lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127;
  if (lengthBytes === 2) message.writeUInt16BE(length, 2);
  if (lengthBytes === 8) message.writeBigUInt64BE(BigInt(length), 2);
  message.set(payload, 2 + lengthBytes);
  return message;
}

/**
 * The close code of a reason. Applications have 3000 to 4999: 4xxx means come back, 3xxx do not.
 * @param reason undefined: the client has closed
 */
export function webSocketCloseCode(reason: CloseReason | undefined): number {
  if (reason === undefined) return 1000;
  const { code, reconnect, side } = CLOSE_REASONS[reason];
  if (side === 'client') return 1000;
  return reconnect ? code + 2000 : code;
}
