import type { ServerHttp2Stream } from 'node:http2';

/**
 * What a call writes to. grpc-js has no public way to break a call off, and a reader that takes nothing would hold it for
 * ever. Undefined when a later version keeps it elsewhere: keepalive then ends the connection when the client is gone.
 */
export function http2StreamOf(call: unknown): ServerHttp2Stream | undefined {
  type Inner = { readonly stream?: ServerHttp2Stream; readonly nextCall?: Inner };
  let inner = (call as { readonly call?: Inner }).call;
  // Each interceptor wraps the next.
  while (inner?.nextCall) inner = inner.nextCall;
  return inner?.stream;
}
