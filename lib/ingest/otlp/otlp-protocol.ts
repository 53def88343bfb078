import { AppError, ERROR_STATUS } from '@/lib/core/errors.ts';
import { encodingOf } from '../body-bytes.ts';
import type { HttpProtocol, IngestHead } from '../http-protocol.ts';
import type { MetricMemory } from './metric-memory.ts';
import { answerJson, answerProto, statusOf, statusProto } from './otlp-answer.ts';
import type { OtlpEncoding, OtlpSignal } from './otlp-signals.ts';

/** What the specification recommends, after decompression. */
const BODY_BYTES_MAX = 20 * 1024 * 1024;

const MEDIA_TYPES: Readonly<Record<OtlpEncoding, string>> = {
  protobuf: 'application/x-protobuf',
  json: 'application/json',
};

/** OTLP over HTTP, one signal of it: everything is answered in the encoding that was asked in. */
export function otlpProtocol(signal: OtlpSignal, memory: MetricMemory): HttpProtocol {
  return {
    name: 'otlp',
    bytesMax: BODY_BYTES_MAX,
    isRepeatable: true,
    encodingOf(head) {
      // Before a byte of the body is read.
      encodingIn(head);
      return encodingOf(head.header('content-encoding'));
    },
    read: (body, head) => signal.read(body, encodingIn(head), memory),
    answer: (tally, head) =>
      encodingIn(head) === 'json'
        ? respond(200, 'json', answerJson(tally, signal))
        : respond(200, 'protobuf', answerProto(tally)),
    refuse(error, tally, head) {
      const status = statusOf(error, tally);
      const encoding = mediaEncoding(head) ?? 'json';
      const body = encoding === 'json' ? JSON.stringify(status) : statusProto(status);
      return respond(ERROR_STATUS[error.code], encoding, body, error.retryAfterS);
    },
  };
}

function encodingIn(head: IngestHead): OtlpEncoding {
  const encoding = mediaEncoding(head);
  if (encoding) return encoding;
  const got = head.header('content-type')?.slice(0, 80) ?? 'none';
  throw new AppError(
    'unsupported-media-type',
    `expected Content-Type ${MEDIA_TYPES.protobuf} or ${MEDIA_TYPES.json}, got ${got}`,
  );
}

function mediaEncoding(head: IngestHead): OtlpEncoding | undefined {
  const type = head.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase();
  if (type === MEDIA_TYPES.protobuf || type === 'application/protobuf') return 'protobuf';
  return type === MEDIA_TYPES.json ? 'json' : undefined;
}

function respond(status: number, encoding: OtlpEncoding, body: string | Uint8Array, retryAfterS?: number): Response {
  const headers = {
    'Content-Type': MEDIA_TYPES[encoding],
    ...(retryAfterS !== undefined && { 'Retry-After': String(retryAfterS) }),
  };
  return new Response(typeof body === 'string' ? body : new Uint8Array(body), { status, headers });
}
