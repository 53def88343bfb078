import { gelfHttp } from '@/lib/ingest/gelf/gelf-http.ts';
import { understandLine } from '@/lib/lines/understand-line.ts';
import type { Runtime } from '../create-runtime.ts';
import { postProtocol } from './protocol-endpoint.ts';

const GELF = gelfHttp(understandLine);

/** `POST /gelf`: 202 when it is durable. */
export function postGelf(runtime: Runtime, request: Request): Promise<Response> {
  return postProtocol(runtime, request, GELF);
}
