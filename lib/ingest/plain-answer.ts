import { type AppError, ERROR_STATUS } from '@/lib/core/errors.ts';
import type { IngestTally } from './ingest-tally.ts';

const RETRY_AFTER_S_DEFAULT = 1;

/** An error as Loki and Prometheus tell one: its sentence as plain text, and when to come back where that may help. */
export function refusePlainly(error: AppError): Response {
  const status = ERROR_STATUS[error.code];
  const retryAfterS = error.retryAfterS ?? (status === 429 || status === 503 ? RETRY_AFTER_S_DEFAULT : undefined);
  return plain(status, error.message, retryAfterS === undefined ? {} : { 'Retry-After': String(retryAfterS) });
}

/** What a sender is told when something in its body was refused: all else is stored, and sending it again would not help. */
export function partlyRefused(tally: IngestTally, refused: number, headers: Record<string, string> = {}): Response {
  const { accepted, errors } = tally;
  const reasons = errors.map(({ line, error }) => `${line}: ${error}`).join('\n');
  return plain(400, `${accepted} stored, ${refused} refused; do not send them again unchanged\n${reasons}`, headers);
}

function plain(status: number, text: string, headers: Record<string, string>): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { 'Content-Type': 'text/plain; charset=utf-8', 'X-Content-Type-Options': 'nosniff', ...headers },
  });
}
