import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws';
import { isFromOwnPage } from '../access/same-site.ts';
import type { Runtime } from '../create-runtime.ts';
import { headerOf } from '../http/stream-asked.ts';
import { StartFailure } from '../start-failure.ts';
import { MqttBroker } from './mqtt-broker.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import type { Door, Upgrade } from './start-gateway.ts';

const PROTOCOL = 'mqtt';
const CLOSE_UNSUPPORTED = 1003;
/** Several packets may share a message (MQTT 5 §6), and one may need more than one. */
const MESSAGE_BYTES_MAX = 1024 * 1024;

/** MQTT 3.1.1 and 5: over WebSockets at `/mqtt`, and on a port of its own where the settings ask for one. */
export async function openMqtt(
  runtime: Runtime,
): Promise<Door & { readonly accept: Upgrade; readonly port: number | undefined }> {
  const broker = new MqttBroker(runtime);
  const webSockets = new WebSocketServer({
    noServer: true,
    maxPayload: MESSAGE_BYTES_MAX,
    perMessageDeflate: false,
    handleProtocols: (offered) => offered.has(PROTOCOL) && PROTOCOL,
  });
  const tcp =
    runtime.config.mqttPort === undefined ? undefined : await listen(runtime, broker, runtime.config.mqttPort);
  return {
    port: tcp && (tcp.address() as AddressInfo).port,
    accept(req, socket, head) {
      if (!isFromOwnPage(headerOf(req))) return refuseUpgrade(socket, '403 Forbidden');
      if (!offers(req)) return refuseUpgrade(socket, '400 Bad Request');
      webSockets.handleUpgrade(req, socket, head, (ws) => serve(broker, ws, req));
    },
    async close() {
      broker.close();
      for (const ws of webSockets.clients) ws.terminate();
      webSockets.close();
      if (tcp) await new Promise<void>((resolve) => tcp.close(() => resolve()));
    },
  };
}

async function listen(runtime: Runtime, broker: MqttBroker, port: number): Promise<Server> {
  const server = createServer({ noDelay: true }, (socket) =>
    broker.accept(socket, { address: socket.remoteAddress, header: () => null }),
  );
  server.listen(port, runtime.config.host);
  await once(server, 'listening').catch((error: NodeJS.ErrnoException) => {
    const says = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be had (${error.message})`;
    throw new StartFailure(`MQTT: port ${port} ${says}; choose another port, or "off", with TAILRACE_MQTT_PORT=…`);
  });
  return server;
}

function serve(broker: MqttBroker, ws: WebSocket, req: IncomingMessage): void {
  const carrier = createWebSocketStream(ws);
  // MQTT is binary (MQTT 5 §6.0.0-1).
  ws.on('message', (_data, isBinary) => {
    if (!isBinary) ws.close(CLOSE_UNSUPPORTED, 'expected binary messages');
  });
  broker.accept(carrier, { address: req.socket.remoteAddress, header: headerOf(req) });
}

function offers({ headers }: IncomingMessage): boolean {
  const offered = headers['sec-websocket-protocol'] ?? '';
  return offered.split(',').some((name) => name.trim() === PROTOCOL);
}
