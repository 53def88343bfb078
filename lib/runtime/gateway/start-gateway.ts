import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Runtime } from '../create-runtime.ts';
import { openGrpc } from './grpc-server.ts';
import { openMqtt } from './mqtt-endpoint.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
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
  const grpc = await openGrpc(runtime);
  const mqtt = await openMqtt(runtime);
  if (grpc) runtime.openPorts['grpc'] = grpc.port;
  if (mqtt.port !== undefined) runtime.openPorts['mqtt'] = mqtt.port;
  const webSockets = openWebSockets(runtime);
  const paths = new Map<string, Upgrade>([
    ['/api/ws', webSockets.accept],
    ['/mqtt', mqtt.accept],
  ]);
  const onUpgrade: Upgrade = (req, socket, head) => {
    const path = (req.url ?? '').split('?', 1)[0] ?? '';
    (paths.get(path) ?? other)(req, socket, head);
  };
  server.on('upgrade', onUpgrade);
  return {
    grpcPort: grpc?.port,
    mqttPort: mqtt.port,
    close: async () => {
      server.off('upgrade', onUpgrade);
      await webSockets.close();
      await mqtt.close();
      await grpc?.close();
    },
  };
}

function refuse(_req: IncomingMessage, socket: Duplex): void {
  refuseUpgrade(socket, '404 Not Found');
}
