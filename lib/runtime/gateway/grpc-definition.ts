import { join } from 'node:path';
import type { ServiceDefinition } from '@grpc/grpc-js';
import { loadSync, type MessageTypeDefinition, type PackageDefinition } from '@grpc/proto-loader';
import { protoPath as healthProtoPath } from 'grpc-health-check';
import type { FrameCodec, StreamFrameMessage } from '@/lib/transport/grpc-format.ts';
import { otlpContract } from './otlp-contract.ts';

/** How messages look in JavaScript, for this server and for clients of its tests. */
export const LOADER_OPTIONS = { longs: Number, defaults: true, oneofs: true } as const;

export type GrpcDefinition = {
  readonly service: ServiceDefinition;
  readonly codec: FrameCodec;
  /** What reflection tells, health and OTLP included. */
  readonly reflected: PackageDefinition;
};

/** The contract, in the folder of package.json: it is read when the server starts and is not in any bundle. */
export function protoPathIn(homeDir: string): string {
  return join(homeDir, 'lib/wire/proto/tailrace/v1/tailrace.proto');
}

/** Reads the contract. Throws when the file is not there or not a .proto. */
export function loadGrpcDefinition(homeDir: string): GrpcDefinition {
  const path = protoPathIn(homeDir);
  const own = loadSync(path, LOADER_OPTIONS);
  const service = own['tailrace.v1.Tailrace'] as ServiceDefinition;
  const { Subscribe, ...others } = service;
  const named = { ...LOADER_OPTIONS, keepCase: true };
  if (!Subscribe) throw new Error(`${path} has no method Subscribe`);
  return {
    // Frames come encoded, once for all.
    service: { ...others, Subscribe: { ...Subscribe, responseSerialize: (bytes: Buffer) => bytes } },
    codec: own['tailrace.v1.StreamFrame'] as MessageTypeDefinition<StreamFrameMessage, StreamFrameMessage>,
    // Under the names that the contract has.
    reflected: { ...loadSync([path, healthProtoPath], named), ...otlpContract(named) },
  };
}
