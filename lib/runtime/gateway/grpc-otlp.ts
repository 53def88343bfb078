import {
  Metadata,
  type MethodDefinition,
  type Server,
  type ServerUnaryCall,
  type StatusObject,
  type sendUnaryData,
  type status,
} from '@grpc/grpc-js';
import protobuf from 'protobufjs/minimal.js';
import type { AppError } from '@/lib/core/errors.ts';
import { ByteGate } from '@/lib/ingest/byte-gate.ts';
import { answerProto, statusOf } from '@/lib/ingest/otlp/otlp-answer.ts';
import { OTLP_SIGNALS, type OtlpSignal } from '@/lib/ingest/otlp/otlp-signals.ts';
import { DELIMITED, field, VARINT } from '@/lib/ingest/proto-reader.ts';
import { STATUS_OF_ERROR, statusOfError } from '@/lib/transport/grpc-status.ts';
import type { Runtime } from '../create-runtime.ts';
import { storeItems } from '../http/store-items.ts';
import { Reception } from '../reception.ts';
import { askedByCall, explainStatus } from './grpc-asked.ts';

/** Messages of all senders in memory at once; each is 4 MiB at most. */
const gate = new ByteGate(256 * 1024 * 1024);

type ExportCall = ServerUnaryCall<Buffer, Uint8Array>;

const SERVICES = {
  logs: 'opentelemetry.proto.collector.logs.v1.LogsService',
  metrics: 'opentelemetry.proto.collector.metrics.v1.MetricsService',
  traces: 'opentelemetry.proto.collector.trace.v1.TraceService',
} as const;
export const OTLP_SERVICES: readonly string[] = Object.values(SERVICES);

/** OTLP over gRPC: the `Export` of each signal, over the same readers as HTTP. Messages are left as bytes for them. */
export function addOtlp(runtime: Runtime, server: Server): void {
  for (const name of ['logs', 'metrics', 'traces'] as const) {
    server.addService(
      { Export: exportMethod(SERVICES[name]) },
      {
        Export: (call: ExportCall, answer: sendUnaryData<Uint8Array>): void => {
          serve(runtime, call, OTLP_SIGNALS[name]).then(
            (bytes) => answer(null, bytes),
            (refusal: StatusObject) => answer(refusal),
          );
        },
      },
    );
  }
}

function exportMethod(service: string): MethodDefinition<Buffer, Uint8Array> {
  const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    path: `/${service}/Export`,
    requestStream: false,
    responseStream: false,
    requestSerialize: (bytes) => bytes,
    requestDeserialize: (bytes) => bytes,
    responseSerialize: asBuffer,
    responseDeserialize: (bytes) => bytes,
  };
}

/** Rejects with a status. */
async function serve(runtime: Runtime, call: ExportCall, signal: OtlpSignal): Promise<Uint8Array> {
  const { peerAddress, header } = askedByCall(call);
  const asked = { protocol: 'otlp-grpc', peerAddress, header };
  const reception = await Reception.begin(runtime, asked).catch((error: unknown) => {
    throw explainStatus(runtime, error);
  });
  const { tally } = reception;
  const body = call.request;
  try {
    reception.admit();
    reception.onBytes(body.length);
    gate.take(body.length);
    try {
      const name = { protocol: 'otlp', body, repeats: 'when-timed' } as const;
      await storeItems(reception, signal.read(body, 'protobuf', runtime.metricMemory), name);
    } finally {
      gate.release(body.length);
    }
    return answerProto(tally);
  } catch (error) {
    const known = reception.fail(error);
    throw statusWithDetails(known, statusOf(known, tally).message);
  } finally {
    reception.close();
  }
}

/**
 * The status of a refusal. A sender gives up after RESOURCE_EXHAUSTED unless a RetryInfo says when to come again, and that is
 * in google.rpc.Status, in a trailer of its own.
 */
function statusWithDetails(error: AppError, message: string): StatusObject {
  const refusal = statusOfError(error);
  const metadata = refusal.metadata ?? new Metadata();
  if (error.retryAfterS !== undefined) {
    metadata.set(
      'grpc-status-details-bin',
      Buffer.from(statusBytes(STATUS_OF_ERROR[error.code], message, error.retryAfterS)),
    );
  }
  return { ...refusal, details: message, metadata };
}

const RETRY_INFO = 'type.googleapis.com/google.rpc.RetryInfo';

function statusBytes(code: status, message: string, retryAfterS: number): Uint8Array {
  const writer = protobuf.Writer.create();
  writer.uint32(field(1, VARINT)).int32(code).uint32(field(2, DELIMITED)).string(message);
  // details: Any { type_url, value: RetryInfo { retry_delay: Duration { seconds } } }
  writer.uint32(field(3, DELIMITED)).fork();
  writer.uint32(field(1, DELIMITED)).string(RETRY_INFO);
  writer.uint32(field(2, DELIMITED)).fork().uint32(field(1, DELIMITED)).fork();
  writer.uint32(field(1, VARINT)).int64(retryAfterS).ldelim().ldelim().ldelim();
  return writer.finish();
}
