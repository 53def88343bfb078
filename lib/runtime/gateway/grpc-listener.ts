import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';
import { type Server, ServerCredentials } from '@grpc/grpc-js';

/** A crowd that comes back at once waits in the kernel. */
const BACKLOG = 4096;
/** How long the end of the server waits for what is being answered. */
const GRACE_MS = 500;

/**
 * The port of a gRPC server, with its sockets in hand: grpc-js itself waits, at its end, for every connection whose client
 * has said goodbye and has not gone.
 */
export class GrpcListener {
  readonly #server: NetServer;
  readonly #sockets = new Set<Socket>();

  constructor(server: Server) {
    const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
      // Without a listener a reset connection would end the process.
      socket.on('error', () => undefined);
      injector.injectConnection(socket);
    });
  }

  /** Resolves with the port; rejects with the system's error. */
  async listen(host: string, port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port, backlog: BACKLOG }, resolve);
    });
    return (this.#server.address() as AddressInfo).port;
  }

  /** Takes no more connections, and breaks those that are still there after a grace. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    const grace = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, GRACE_MS);
    await closed;
    clearTimeout(grace);
  }
}
