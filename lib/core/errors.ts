/** Every error a client can meet, with its HTTP status; the code is part of the public contract. */
export const ERROR_STATUS = {
  'bad-request': 400,
  'nothing-accepted': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'body-too-large': 413,
  'query-too-long': 414,
  'unsupported-media-type': 415,
  'idempotency-mismatch': 422,
  'rate-limited': 429,
  internal: 500,
  'storage-unavailable': 503,
  'storage-overloaded': 503,
  'identity-unavailable': 503,
  'too-many-connections': 503,
  'memory-pressure': 503,
  'shutting-down': 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** An error meant for the sender: `message` says what was expected, what came and what to do. */
export class AppError extends Error {
  readonly code: ErrorCode;
  readonly retryAfterS: number | undefined;

  constructor(code: ErrorCode, message: string, options: { retryAfterS?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'AppError';
    this.code = code;
    this.retryAfterS = options.retryAfterS;
  }
}

/** Asked by code, not by class: the server and its route handlers are bundled apart and hold two copies of the class. */
export function isAppError(error: unknown): error is AppError {
  return error instanceof Error && error.name === 'AppError' && 'code' in error;
}
