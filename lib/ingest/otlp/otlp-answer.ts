import protobuf from 'protobufjs/minimal.js';
import { type AppError, ERROR_STATUS } from '@/lib/core/errors.ts';
import type { IngestTally } from '../ingest-tally.ts';
import { DELIMITED, field, VARINT } from '../proto-reader.ts';
import type { OtlpSignal } from './otlp-signals.ts';

const MESSAGE_CHARS_MAX = 2000;

/** What was not taken, and why; undefined: all was. A sender must not send it again. */
export function partialSuccess(tally: IngestTally): { rejected: number; errorMessage: string } | undefined {
  if (tally.rejected === 0) return undefined;
  const says = [...new Set(tally.answer(String).errors.map(({ error }) => error))].join('; ');
  return { rejected: tally.rejected, errorMessage: says.slice(0, MESSAGE_CHARS_MAX) };
}

/** Export…ServiceResponse: the same numbers for all three signals. */
export function answerProto(tally: IngestTally): Uint8Array {
  const partial = partialSuccess(tally);
  const writer = protobuf.Writer.create();
  if (partial) {
    writer.uint32(field(1, DELIMITED)).fork();
    writer.uint32(field(1, VARINT)).int64(partial.rejected);
    writer.uint32(field(2, DELIMITED)).string(partial.errorMessage).ldelim();
  }
  return writer.finish();
}

export function answerJson(tally: IngestTally, { rejected: name }: OtlpSignal): string {
  const partial = partialSuccess(tally);
  if (!partial) return '{}';
  // A 64-bit number is text in protobuf's JSON.
  return JSON.stringify({
    partialSuccess: { [name]: String(partial.rejected), errorMessage: partial.errorMessage },
  });
}

/** google.rpc.Code of an error over HTTP. */
const RPC_CODES: Readonly<Record<number, number>> = {
  ...{ 400: 3, 401: 16, 403: 7, 404: 5, 413: 8, 415: 3, 422: 9, 429: 8, 503: 14 },
};
const RPC_INTERNAL = 13;

/** google.rpc.Status of an error; what was taken before it is told. */
export function statusOf(error: AppError, tally: IngestTally): { code: number; message: string } {
  const before = tally.accepted > 0 ? `; ${tally.accepted} events before it were taken` : '';
  return { code: RPC_CODES[ERROR_STATUS[error.code]] ?? RPC_INTERNAL, message: `${error.message}${before}` };
}

export function statusProto({ code, message }: { code: number; message: string }): Uint8Array {
  return protobuf.Writer.create()
    .uint32(field(1, VARINT))
    .int32(code)
    .uint32(field(2, DELIMITED))
    .string(message)
    .finish();
}
