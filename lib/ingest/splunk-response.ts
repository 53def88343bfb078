import { type AppError, ERROR_STATUS } from '@/lib/core/errors.ts';

/** As Splunk documents them: what senders look at is the status, what people look at is the text. */
const CODES = {
  0: [200, 'Success'],
  3: [401, 'Invalid authorization'],
  4: [403, 'Invalid token'],
  5: [400, 'No data'],
  6: [400, 'Invalid data format'],
  8: [500, 'Internal server error'],
  9: [503, 'Server is busy'],
  12: [400, 'Event field is required'],
  13: [400, 'Event field cannot be blank'],
  15: [400, 'Error in handling indexed fields'],
  17: [200, 'HEC is healthy'],
  18: [503, 'HEC is unhealthy, queues are full'],
  23: [503, 'Server is shutting down'],
} as const;

export type HecCode = keyof typeof CODES;

export function hecResponse(code: HecCode, more: object = {}): Response {
  const [status, text] = CODES[code];
  return Response.json({ text, code, ...more }, { status });
}

export function refuseHec(error: AppError): Response {
  const status = ERROR_STATUS[error.code];
  const code = codeOf(error, status);
  const headers = error.retryAfterS === undefined ? {} : { 'Retry-After': String(error.retryAfterS) };
  return Response.json({ text: CODES[code][1], code, detail: error.message }, { status, headers });
}

function codeOf({ code }: AppError, status: number): HecCode {
  if (code === 'shutting-down') return 23;
  if (code === 'unauthorized') return 3;
  if (code === 'forbidden') return 4;
  if (status === 429 || status === 503) return 9;
  return status < 500 ? 6 : 8;
}
