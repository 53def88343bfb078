import type { Refusal, StreamClient } from '../stream-client.ts';
import { GrpcClient } from './grpc-client.ts';

/** INVALID_ARGUMENT, RESOURCE_EXHAUSTED, UNAVAILABLE. */
const REFUSALS: ReadonlySet<number> = new Set([3, 8, 14]);

/** The gRPC client as the table of cases sees it: a call that ends before its first frame was refused. */
export class GrpcStreamClient extends GrpcClient implements StreamClient {
  get refusal(): Refusal | undefined {
    if (!this.status || !REFUSALS.has(this.status.code) || this.ledger.cursor >= 0) return undefined;
    const [retryMs] = this.status.metadata.get('retry-after-ms');
    return { says: this.status.details, retryMs: retryMs === undefined ? undefined : Number(retryMs) };
  }
}
