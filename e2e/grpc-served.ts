import { expect } from 'vitest';
import { type InProcessServer, startInProcess } from './support/in-process-server.ts';
import { until } from './support/wait.ts';

export const GRPC_SETTINGS = { TAILRACE_GRPC_PORT: '0', TAILRACE_HEARTBEAT_MS: '300', TAILRACE_DRAIN_MS: '0' };

export function grpcUrl({ gateway }: InProcessServer): string {
  return `http://127.0.0.1:${gateway.grpcPort}`;
}

/** Runs a test on a server of its own, and looks whether every connection has given back what it held. */
export async function withGrpcServer(
  settings: Readonly<Record<string, string>>,
  run: (server: InProcessServer, url: string) => Promise<void>,
): Promise<void> {
  const server = await startInProcess('socket', { ...GRPC_SETTINGS, ...settings });
  try {
    await run(server, grpcUrl(server));
    await until('nothing to be held for a connection', () => server.runtime.ledger.held('connection') === 0);
    expect(server.runtime.ledger.leaks).toEqual([]);
  } finally {
    await server.close();
  }
}
