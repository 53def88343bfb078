import { AppError } from '@/lib/core/errors.ts';
import { encodingOf } from '../body-bytes.ts';
import type { HttpProtocol, IngestHead } from '../http-protocol.ts';
import { partlyRefused, refusePlainly } from '../plain-answer.ts';
import { tenantOf } from '../tenant.ts';
import type { Understand } from '../understand.ts';
import { readLokiJson } from './loki-json.ts';
import { readLokiProtobuf } from './loki-protobuf.ts';

/**
 * `POST /loki/api/v1/push`, as promtail, Alloy, Vector, Fluent Bit and the loggers' own transports send it: JSON, or
 * protobuf in a block of snappy. As Loki does it stores what is valid and answers 400 for the rest, which no sender repeats.
 * @param understand reads lines that have no level among their labels and metadata, and lines of JSON; absent: none
 */
export function createLokiPush(understand?: Understand): HttpProtocol {
  return {
    name: 'loki',
    // Each line has its own time, and Loki keeps one of several equal ones too.
    isRepeatable: true,
    encodingOf: (head) => {
      const header = head.header('content-encoding');
      if (isJson(head)) return encodingOf(header);
      // Snappy belongs to the format, whether or not the header says so.
      const encoding = encodingOf(header, ['snappy']);
      if (encoding !== 'gzip') return 'snappy';
      throw new AppError('unsupported-media-type', 'expected protobuf in a block of snappy, got gzip');
    },
    read: (body, head) => (isJson(head) ? readLokiJson : readLokiProtobuf)(body, tenantOf(head), understand),
    answer: (tally) =>
      tally.rejected === 0 ? new Response(null, { status: 204 }) : partlyRefused(tally, tally.rejected),
    refuse: refusePlainly,
  };
}

/** Throws unsupported-media-type. Without a Content-Type it is protobuf. */
function isJson(head: IngestHead): boolean {
  const type = (head.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json') return true;
  if (type === '' || type === 'application/x-protobuf') return false;
  const says = `expected Content-Type application/json or application/x-protobuf, got "${type.slice(0, 60)}"`;
  throw new AppError('unsupported-media-type', says);
}
