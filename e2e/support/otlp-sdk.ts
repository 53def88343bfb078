import { type AnyValueMap, type LogRecord, SeverityNumber } from '@opentelemetry/api-logs';
import { OTLPLogExporter as GrpcLogExporter } from '@opentelemetry/exporter-logs-otlp-grpc';
import { OTLPLogExporter as JsonLogExporter } from '@opentelemetry/exporter-logs-otlp-http';
import { OTLPLogExporter as ProtoLogExporter } from '@opentelemetry/exporter-logs-otlp-proto';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { resourceFromAttributes } from '@opentelemetry/resources';
import {
  LoggerProvider,
  type LogRecordExporter,
  type ReadableLogRecord,
  type SdkLogRecord,
} from '@opentelemetry/sdk-logs';

export const SDK_RESOURCE = resourceFromAttributes({ 'service.name': 'sdk', 'deployment.environment': 'test' });

/** Longer than any pause of a test: how long an exporter tries. */
const TIMEOUT_MS = 50_000;

export type OtlpAddress = { readonly http: string; readonly grpc: string };

const http = (address: OtlpAddress, compression: CompressionAlgorithm) => ({
  ...{ url: `${address.http}/v1/logs`, compression, timeoutMillis: TIMEOUT_MS },
});
const grpc = (address: OtlpAddress, compression: CompressionAlgorithm) => ({
  ...{ url: address.grpc, compression, timeoutMillis: TIMEOUT_MS },
});
const { GZIP, NONE } = CompressionAlgorithm;

/** Every way in which the SDK sends logs. */
export const LOG_EXPORTERS: Readonly<Record<string, (address: OtlpAddress) => LogRecordExporter>> = {
  'HTTP, protobuf': (address) => new ProtoLogExporter(http(address, NONE)),
  'HTTP, protobuf, gzip': (address) => new ProtoLogExporter(http(address, GZIP)),
  'HTTP, JSON': (address) => new JsonLogExporter(http(address, NONE)),
  'HTTP, JSON, gzip': (address) => new JsonLogExporter(http(address, GZIP)),
  gRPC: (address) => new GrpcLogExporter(grpc(address, NONE)),
  'gRPC, gzip': (address) => new GrpcLogExporter(grpc(address, GZIP)),
};

/** Records as the SDK makes them, not sent yet. */
export function sdkRecords(records: readonly LogRecord[]): ReadableLogRecord[] {
  const made: SdkLogRecord[] = [];
  const processor = {
    onEmit: (record: SdkLogRecord) => void made.push(record),
    forceFlush: () => Promise.resolve(),
    shutdown: () => Promise.resolve(),
  };
  const logger = new LoggerProvider({ resource: SDK_RESOURCE, processors: [processor] }).getLogger('test', '1.0');
  for (const record of records) logger.emit(record);
  return made;
}

export function sdkLines(from: number, count: number): ReadableLogRecord[] {
  const record = (index: number): LogRecord => ({
    body: `line ${index}`,
    severityNumber: SeverityNumber.INFO,
    attributes: { n: index } satisfies AnyValueMap,
  });
  return sdkRecords(Array.from({ length: count }, (_, index) => record(from + index)));
}

/** Resolves with whether the exporter, after its own retries, says that it has been taken. */
export function exportLogs(exporter: LogRecordExporter, records: ReadableLogRecord[]): Promise<Error | undefined> {
  return new Promise((resolve) => {
    exporter.export(records, ({ code, error }) => resolve(code === 0 ? undefined : (error ?? new Error('failed'))));
  });
}
