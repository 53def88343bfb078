import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseConfig } from '@/lib/config/config.ts';
import { createRuntime, type Runtime, type RuntimeOptions } from '@/lib/runtime/create-runtime.ts';
import { servePlain } from '@/lib/runtime/gateway/plain-routes.ts';
import { type Gateway, startGateway } from '@/lib/runtime/gateway/start-gateway.ts';
import { makeHttpServer } from '@/lib/runtime/http/http-server.ts';
import { serveFromSocket } from '@/lib/runtime/http/socket-routes.ts';
import { type Listeners, startListeners } from '@/lib/runtime/listeners/start-listeners.ts';
import { markOwnServer } from '@/lib/runtime/own-server.ts';

export const repoRoot = fileURLToPath(new URL('../../', import.meta.url));

/** A header that asks a `socket` server for the web stream all the same, to compare both on one journal. */
export const VIA_WEB = 'x-test-via-web';

export type Transport = 'socket' | 'web';
export type Served = { readonly url: string; close(): Promise<void> };
export type InProcessServer = Served & {
  readonly runtime: Runtime;
  readonly gateway: Gateway;
  readonly listeners: Listeners;
  readonly dataDir: string;
};

/** The runtime behind a plain server in this process, so that a test can look inside. Data are thrown away. */
export async function startInProcess(
  transport: Transport,
  environment: Readonly<Record<string, string>> = {},
  options: RuntimeOptions = {},
): Promise<InProcessServer> {
  const dataDir = await mkdtemp(join(tmpdir(), 'tailrace-test-'));
  const defaults = {
    TAILRACE_DATA_DIR: dataDir,
    TAILRACE_SOURCES: 'none',
    TAILRACE_LOG_LEVEL: 'silent',
    // Only for who asks for it: '0' takes a free port.
    TAILRACE_GRPC_PORT: 'off',
  };
  // As server.ts does: what `servePlain` writes into a request's head can be believed.
  markOwnServer();
  const runtime = await createRuntime(parseConfig({ ...defaults, ...environment }, repoRoot), options);
  const server = makeHttpServer((req, res) => {
    const viaWeb = transport === 'web' || req.headers[VIA_WEB] !== undefined;
    if (viaWeb || !serveFromSocket(runtime, req, res)) void servePlain(runtime, req, res);
  });
  const gateway = await startGateway(runtime, server);
  const listeners = await startListeners(runtime);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = async (): Promise<void> => {
    await listeners.close();
    await runtime.close();
    await gateway.close();
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await rm(dataDir, { recursive: true, force: true });
  };
  return { url, runtime, gateway, listeners, dataDir, close };
}
