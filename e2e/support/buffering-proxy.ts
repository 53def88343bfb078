import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Duplex } from 'node:stream';

export type BufferingProxyOptions = {
  /** Answers of these types are handed on when they are whole, as a proxy that buffers or scans them does. */
  readonly holds: readonly string[];
  /** False: upgrades are answered with 403. */
  readonly webSockets: boolean;
};

/** A proxy of the kind that live streams do not survive. What it does may be changed while it runs. */
export class BufferingProxy {
  options: BufferingProxyOptions;
  readonly url: string;
  readonly #target: URL;
  readonly #server: Server;
  readonly #open = new Set<Duplex>();

  private constructor(server: Server, target: URL, options: BufferingProxyOptions) {
    this.#server = server;
    this.#target = target;
    this.options = options;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    server.on('request', (req: IncomingMessage, res: ServerResponse) => this.#pass(req, res));
    server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => this.#upgrade(req, socket, head));
  }

  static async start(target: string, options: BufferingProxyOptions): Promise<BufferingProxy> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new BufferingProxy(server, new URL(target), options);
  }

  async stop(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  /** The client's Host goes on as it is: the server compares it with the Origin. */
  #pass(req: IncomingMessage, res: ServerResponse): void {
    const { hostname, port } = this.#target;
    const up = request({ hostname, port, method: req.method, path: req.url, headers: req.headers }, (answer) => {
      const type = answer.headers['content-type'] ?? '';
      res.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('error', () => res.destroy());
      if (!this.options.holds.some((held) => type.startsWith(held))) {
        // Not waiting for the first byte of the body.
        res.flushHeaders();
        answer.pipe(res);
        return;
      }
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('end', () => res.end(Buffer.concat(pieces)));
    });
    up.on('error', () => res.destroy());
    res.on('close', () => up.destroy());
    req.pipe(up);
  }

  #upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (!this.options.webSockets) {
      socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      return;
    }
    const up = connect(Number(this.#target.port), this.#target.hostname);
    for (const one of [socket, up]) {
      this.#open.add(one);
      one.on('error', () => undefined);
      one.on('close', () => {
        this.#open.delete(one);
        socket.destroy();
        up.destroy();
      });
    }
    const lines = [`${req.method} ${req.url} HTTP/1.1`];
    for (let i = 0; i < req.rawHeaders.length; i += 2) lines.push(`${req.rawHeaders[i]}: ${req.rawHeaders[i + 1]}`);
    up.write(`${lines.join('\r\n')}\r\n\r\n`);
    up.write(head);
    up.pipe(socket).pipe(up);
  }
}
