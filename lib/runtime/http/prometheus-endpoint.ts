import { createRemoteWrite } from '@/lib/ingest/prometheus/remote-write.ts';
import type { Runtime } from '../create-runtime.ts';
import { postProtocol } from './protocol-endpoint.ts';

/** `POST /api/v1/write`: one protocol a request, since it counts what has been written for its answer. */
export function postRemoteWrite(runtime: Runtime, request: Request): Promise<Response> {
  return postProtocol(runtime, request, createRemoteWrite());
}
