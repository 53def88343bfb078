import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import next from 'next';
import { readConfig } from './lib/config/config.ts';
import { GatewayRequest } from './lib/runtime/gateway/gateway-request.ts';
import { startGateway } from './lib/runtime/gateway/start-gateway.ts';
import { stampPeer } from './lib/runtime/http/client-address.ts';
import { serveFromSocket } from './lib/runtime/http/socket-routes.ts';
import { limitUnread } from './lib/runtime/http/unread-body.ts';
import { startListeners } from './lib/runtime/listeners/start-listeners.ts';
import { markOwnServer } from './lib/runtime/own-server.ts';
import { getRuntime } from './lib/runtime/runtime.ts';
import { exitOnFailure } from './lib/runtime/start-failure.ts';
import { onTermination } from './lib/runtime/termination.ts';
import { welcome } from './lib/runtime/welcome.ts';

// At 50,000 events/s most of the heap is garbage that has just been promoted. By default V8 lets it grow to several times
// what lives; half as much again keeps the process 120 MB smaller at the same throughput.
setFlagsFromString('--heap-growing-percent=50');

/** A crowd that comes back at once waits in the kernel; with Node's own 511 the rest of it would be refused there. */
const BACKLOG = 4096;

/** The Node server: one port; streams go to the socket, the rest to Next. */
async function main(): Promise<void> {
  const config = readConfig();
  markOwnServer();
  const runtime = await getRuntime(config);
  const dev = process.argv.includes('--dev');
  const app = next({ dev, dir: config.homeDir, hostname: config.host, port: config.port });
  await app.prepare();
  const handle = app.getRequestHandler();

  const server = createServer({ IncomingMessage: GatewayRequest }, (req, res) => {
    limitUnread(req, res);
    if (serveFromSocket(runtime, req, res)) return;
    stampPeer(req);
    void handle(req, res);
  });
  // Next's own: reloading a page in development.
  const gateway = await startGateway(runtime, server, app.getUpgradeHandler());
  const listeners = await startListeners(runtime);
  // A body may be streamed for hours (NDJSON); what bounds it is its size. Slow heads still time out.
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port: config.port, host: config.host, backlog: BACKLOG }, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const { grpcPort, mqttPort } = gateway;
  const { onceSecret, access } = runtime;
  welcome({
    ...{ host: config.host, port, demo: config.demo !== undefined, grpcPort, mqttPort, onceSecret },
    ...{ isDemanded: access.isDemanded, listeners: listeners.ports },
  });

  onTermination(runtime.log, async () => {
    server.close();
    await listeners.close();
    await runtime.close();
    await gateway.close();
    server.closeAllConnections();
  });
}

main().catch(exitOnFailure);
