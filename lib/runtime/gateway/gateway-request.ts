import { IncomingMessage } from 'node:http';

const ASKED = Symbol('upgrade');

/**
 * A request whose wish for another protocol counts only when that is WebSocket. As soon as anybody listens for upgrades
 * Node hands over every connection that asks for one, and its body is lost: `curl --http2` and Java's HttpClient ask for
 * h2c with each plain request, and a server may go on as if they had not (RFC 9110 §7.8). For `createServer`.
 */
export class GatewayRequest extends IncomingMessage {
  [ASKED]: boolean | null = null;

  get upgrade(): boolean | null {
    const isWebSocket = this.headers.upgrade?.toLowerCase() === 'websocket';
    return this[ASKED] && (isWebSocket || this.method === 'CONNECT');
  }
  /** Set by Node's parser, before it knows the headers. */
  set upgrade(asked: boolean | null) {
    this[ASKED] = asked;
  }
}
