import { AccessClient, askerOf, CLOSED } from './access-client.ts';
import { startInProcess } from './in-process-server.ts';

export type HeaderFields = Readonly<Record<string, string>>;

export const JSON_TYPE = { 'Content-Type': 'application/json' };

/** A server that asks everybody, with all its doors open, behind a proxy that it knows; and what its tests ask it with. */
export async function startClosed() {
  const ports = { TAILRACE_MQTT_PORT: '0', TAILRACE_GRPC_PORT: '0' };
  const server = await startInProcess('socket', { ...CLOSED, ...ports, TAILRACE_TRUSTED_PROXIES: '127.0.0.1' });
  const ask = askerOf(server.url);
  const send = (headers: HeaderFields, events: readonly object[]) =>
    ask('POST', '/api/events', { ...JSON_TYPE, ...headers }, JSON.stringify(events));
  return { server, access: new AccessClient(server.url), ask, send };
}
