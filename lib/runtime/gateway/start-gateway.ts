import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Runtime } from '../create-runtime.ts';
import { openWebSockets } from './web-socket-endpoint.ts';

export type Upgrade = (req: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** A protocol beside plain HTTP: what it has opened, and how to end it. */
export type Door = { close(): Promise<void> };

/** Where gRPC and MQTT over TCP listen; undefined where they do not. */
export type Gateway = Door & { readonly grpcPort: number | undefined; readonly mqttPort: number | undefined };

/**
 * Opens every protocol but plain HTTP on a server: WebSockets on its own port, gRPC and MQTT on theirs.
 * @param other takes upgrades that are not for this gateway; absent: they are refused
 */
export async function startGateway(runtime: Runtime, server: Server, other: Upgrade = refuse): Promise<Gateway> {
  const webSockets = openWebSockets(runtime);
  const paths = new Map<string, Upgrade>([['/api/ws', webSockets.accept]]);
  const onUpgrade: Upgrade = (req, socket, head) => {
    const path = (req.url ?? '').split('?', 1)[0] ?? '';
    (paths.get(path) ?? other)(req, socket, head);
  };
  server.on('upgrade', onUpgrade);
  return {
    grpcPort: undefined,
    mqttPort: undefined,
    close: async () => {
      server.off('upgrade', onUpgrade);
      await webSockets.close();
    },
  };
}

function refuse(_req: IncomingMessage, socket: Duplex): void {
  socket.end('HTTP/1.1 404 Not Found\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
}
