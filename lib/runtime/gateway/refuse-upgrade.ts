import type { Duplex } from 'node:stream';

/**
 * Answers an upgrade that is not granted, and ends the connection. Node has let go of the socket by then: an error that
 * nobody listens for would end the process, and a client that does not close its side would keep it open for ever.
 * @param status such as `404 Not Found`
 */
export function refuseUpgrade(socket: Duplex, status: string): void {
  socket.on('error', () => undefined);
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
