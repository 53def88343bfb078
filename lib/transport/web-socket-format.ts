import { CLOSE_REASONS, type CloseReason } from '@/lib/core/close-reason.ts';
import { framed, jsonArrayFormat } from '@/lib/stream/wire-format.ts';

/**
 * JSON messages with WebSocket's own framing done (RFC 6455 §5.2): what a server sends is not masked, so the same bytes
 * go to every socket. Through `ws.send` each connection would frame them again.
 */
export const webSocketFormat = framed(jsonArrayFormat, 'ws', textMessage);

const FIN_TEXT = 0x81;

function textMessage(payload: Uint8Array): Uint8Array {
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
