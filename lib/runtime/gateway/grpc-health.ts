import type { Server, ServiceDefinition, UntypedServiceImplementation } from '@grpc/grpc-js';
import { HealthImplementation, type ServingStatus } from 'grpc-health-check';
import type { Runtime } from '../create-runtime.ts';
import { OTLP_SERVICES } from './grpc-otlp.ts';

/** The empty name stands for the server as a whole. */
const NAMES = ['', 'tailrace.v1.Tailrace', ...OTLP_SERVICES];
const LOOK_MS = 200;

/** `grpc.health.v1.Health`: not serving from the beginning of a drain. Returns what stops it. */
export function addHealth(runtime: Runtime, server: Server): () => void {
  const resources = runtime.ledger.owner('gRPC health');
  const health = new HealthImplementation();
  let status: ServingStatus | undefined;
  const look = (): void => {
    const now = runtime.hub.isDraining ? 'NOT_SERVING' : 'SERVING';
    if (now === status) return;
    status = now;
    for (const name of NAMES) health.setStatus(name, now);
  };
  look();
  // Its own type of a server knows an older loader's definitions.
  health.addToServer({
    addService: (service, implementation) =>
      server.addService(service as ServiceDefinition, implementation as UntypedServiceImplementation),
  });
  const timer = setInterval(look, LOOK_MS).unref();
  resources.acquire('timer');
  return () => {
    clearInterval(timer);
    resources.release('timer');
    resources.close();
  };
}
