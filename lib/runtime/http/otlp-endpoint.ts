import { otlpProtocol } from '@/lib/ingest/otlp/otlp-protocol.ts';
import { OTLP_SIGNALS, type OtlpSignalName } from '@/lib/ingest/otlp/otlp-signals.ts';
import type { Runtime } from '../create-runtime.ts';
import { postProtocol } from './protocol-endpoint.ts';

function post(runtime: Runtime, request: Request, signal: OtlpSignalName): Promise<Response> {
  return postProtocol(runtime, request, otlpProtocol(OTLP_SIGNALS[signal], runtime.metricMemory));
}

/** `POST /v1/logs`. */
export const postOtlpLogs = (runtime: Runtime, request: Request) => post(runtime, request, 'logs');
/** `POST /v1/metrics`. */
export const postOtlpMetrics = (runtime: Runtime, request: Request) => post(runtime, request, 'metrics');
/** `POST /v1/traces`. */
export const postOtlpTraces = (runtime: Runtime, request: Request) => post(runtime, request, 'traces');
