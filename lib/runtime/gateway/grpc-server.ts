import {
  Server,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type sendUnaryData,
  setLogger,
} from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import type { Config } from '@/lib/config/config.ts';
import type { Principal } from '@/lib/core/principal.ts';
import { makeGrpcFormat } from '@/lib/transport/grpc-format.ts';
import { statusOfRefusal } from '@/lib/transport/grpc-status.ts';
import { openGrpcStream } from '@/lib/transport/grpc-stream.ts';
import type { PublishRequest, PublishResponse, SubscribeRequest } from '@/lib/wire/proto/messages.ts';
import type { Runtime } from '../create-runtime.ts';
import { parseAsked, peerFor } from '../http/stream-asked.ts';
import { enterFromSocket } from '../http/stream-endpoint.ts';
import { StartFailure } from '../start-failure.ts';
import { askedByCall, explainStatus } from './grpc-asked.ts';
import { type GrpcDefinition, loadGrpcDefinition } from './grpc-definition.ts';
import { guardCalls } from './grpc-guard.ts';
import { addHealth } from './grpc-health.ts';
import { GrpcListener } from './grpc-listener.ts';
import { addOtlp } from './grpc-otlp.ts';
import { PublishCalls, publishOne } from './grpc-publish.ts';
import { answerQuery } from './grpc-query.ts';
import type { Door } from './start-gateway.ts';

export type GrpcDoor = Door & { readonly port: number };

/** Calls on one connection at most. Metadata are bounded by Node: 64 KiB, 128 entries. */
const CALLS_PER_CONNECTION_MAX = 1000;
const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;
/** A connection without a call is closed after so long; a client's library opens another one when it needs it. */
const IDLE_MS_MAX = 10 * 60_000;
/** A ping that a busy event loop has not looked at yet must not count as lost. */
const PING_TIMEOUT_MS_MIN = 5000;

/**
 * Opens the gRPC door on a port of its own; undefined where there is none.
 * Throws an Error that names TAILRACE_GRPC_PORT when the port that was asked for cannot be had; the one that is merely
 * next to the server's is then done without.
 */
export async function openGrpc(runtime: Runtime): Promise<GrpcDoor | undefined> {
  const { config, log } = runtime;
  if (config.grpcPort === undefined) return undefined;
  // What grpc-js prints by itself would come beside what is said here.
  setLogger({ error: (...says) => log.debug(says.join(' ')), info: () => undefined, debug: () => undefined });
  const server = new Server({ ...serverOptions(config), interceptors: [guardCalls(runtime)] });
  const publishing = new PublishCalls(runtime);
  const definition = loadGrpcDefinition(config.homeDir);
  server.addService(definition.service, {
    Subscribe: subscribe(runtime, definition),
    Publish: (call: ServerDuplexStream<PublishRequest, PublishResponse>) => publishing.serve(call),
    PublishBatch: unary(runtime, publishOne),
    Query: unary(runtime, answerQuery),
  });
  addOtlp(runtime, server);
  new ReflectionService(definition.reflected).addToServer(server);
  const stopHealth = addHealth(runtime, server);
  const listener = new GrpcListener(server);
  try {
    const port = await listener.listen(config.host, config.grpcPort);
    const close = async (): Promise<void> => {
      stopHealth();
      publishing.close();
      // Tells the clients, and lets what is being answered be answered.
      server.tryShutdown(() => undefined);
      await listener.close();
    };
    return { port, close };
  } catch (error) {
    stopHealth();
    server.forceShutdown();
    const says = `gRPC: ${explain(error, config)}`;
    if (config.isGrpcPortGiven) {
      throw new StartFailure(`${says}; choose another port, or "off", with TAILRACE_GRPC_PORT=…`);
    }
    log.warn(`${says}; going on without gRPC, TAILRACE_GRPC_PORT=… gives it another port`);
    return undefined;
  }
}

function serverOptions({ heartbeatMs, connectionRules }: Config) {
  return {
    'grpc.max_receive_message_length': MESSAGE_BYTES_MAX,
    'grpc.max_concurrent_streams': CALLS_PER_CONNECTION_MAX,
    'grpc.max_connection_idle_ms': IDLE_MS_MAX,
    // Half-open connections: a ping in each heartbeat interval, and as much patience as over the other protocols.
    'grpc.keepalive_time_ms': heartbeatMs,
    'grpc.keepalive_timeout_ms': Math.max(PING_TIMEOUT_MS_MIN, heartbeatMs * (connectionRules.missesMax - 1)),
    'grpc.enable_channelz': 0,
  };
}

/** `Subscribe`. Refusals are statuses with a delay in their metadata. */
function subscribe(runtime: Runtime, { codec }: GrpcDefinition) {
  const { hub } = runtime;
  const format = makeGrpcFormat(codec);
  return (call: ServerWritableStream<SubscribeRequest, Uint8Array>): void => {
    const asked = askedByCall(call, call.request);
    const open = (principal: Principal): void => {
      const request = parseAsked(asked);
      const peer = peerFor(runtime, asked, principal);
      const refusal = hub.admission.enter(peer, Date.now());
      if (refusal) call.emit('error', statusOfRefusal(refusal));
      else openGrpcStream({ hub, format, codec, call, peer }, request);
    };
    enterFromSocket(runtime, 'view', asked)
      .then(open)
      .catch((error: unknown) => call.emit('error', explainStatus(runtime, error)));
  };
}

/** Wraps a handler so that whatever it throws becomes a status. */
function unary<Request, Response>(
  runtime: Runtime,
  handle: (runtime: Runtime, call: ServerUnaryCall<Request, Response>) => Promise<Response>,
) {
  return (call: ServerUnaryCall<Request, Response>, answer: sendUnaryData<Response>): void => {
    handle(runtime, call).then(
      (response) => answer(null, response),
      (error: unknown) => answer(call.cancelled ? { code: 1, details: 'cancelled' } : explainStatus(runtime, error)),
    );
  };
}

function explain(error: unknown, { host, grpcPort }: Config): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'EADDRINUSE'
    ? `port ${grpcPort} is in use`
    : `port ${grpcPort} of ${host} cannot be had (${message})`;
}
