import { timeLimit } from '@/lib/core/time-limit.ts';
import { type ExpositionOptions, ExpositionReader } from './exposition-reader.ts';

/** After decompression: a small archive may hold much. */
const BODY_BYTES_MAX = 16 * 1024 * 1024;
const ACCEPT = 'application/openmetrics-text;version=1.0.0;q=0.9,text/plain;version=0.0.4;q=0.8,*/*;q=0.1';

/** Why a target could not be read, in words for its operator. */
export class ScrapeFailure extends Error {}

export type TargetAddress = {
  readonly url: string;
  /** Host and port: what tells targets of one job apart. */
  readonly instance: string;
  readonly authorization: string | undefined;
  /** Without what must not be told. */
  readonly shown: string;
};

/** Takes user and password out of an address: `fetch` refuses them there, and they must not be logged. */
export function addressOf(given: string): TargetAddress {
  const url = new URL(given);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const secret = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString('base64');
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return {
    url: url.href,
    instance: `${url.hostname}:${port}`,
    authorization: username || password ? `Basic ${secret}` : undefined,
    shown: `${url.origin}${url.pathname}`,
  };
}

/**
 * Asks a target once and reads all that it exposes. Rejects with ScrapeFailure when it cannot be had, not read, or not to
 * its end, and with the signal's reason when it was told to stop.
 */
export async function readTarget(
  { url, authorization }: TargetAddress,
  options: Omit<ExpositionOptions, 'format'>,
  timeoutMs: number,
  stop: AbortSignal,
): Promise<ExpositionReader> {
  const { signal, release } = timeLimit(stop, timeoutMs);
  const headers = {
    Accept: ACCEPT,
    'User-Agent': 'Tailrace',
    'X-Prometheus-Scrape-Timeout-Seconds': String(timeoutMs / 1000),
    ...(authorization !== undefined && { Authorization: authorization }),
  };
  try {
    return await readResponse(await fetch(url, { headers, signal }), options);
  } catch (error) {
    if (stop.aborted || error instanceof ScrapeFailure) throw error;
    throw new ScrapeFailure(signal.aborted ? `no answer within ${timeoutMs} ms` : explain(error), { cause: error });
  } finally {
    release();
  }
}

async function readResponse(response: Response, options: Omit<ExpositionOptions, 'format'>): Promise<ExpositionReader> {
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new ScrapeFailure(`expected status 200, got ${response.status}`);
  }
  const type = response.headers.get('content-type') ?? '';
  const format = type.startsWith('application/openmetrics-text') ? 'openmetrics' : 'text';
  const reader = new ExpositionReader({ ...options, format });
  const decoder = new TextDecoder();
  let bytes = 0;
  for await (const piece of response.body ?? []) {
    bytes += piece.length;
    if (bytes > BODY_BYTES_MAX) throw new ScrapeFailure(`expected at most ${BODY_BYTES_MAX} bytes`);
    reader.take(decoder.decode(piece, { stream: true }));
  }
  reader.take(decoder.decode());
  reader.end();
  if (format === 'openmetrics' && !reader.isEnded) throw new ScrapeFailure('the answer ended without "# EOF"');
  if (reader.samples === 0 && reader.malformed > 0) {
    throw new ScrapeFailure(`expected Prometheus' text format or OpenMetrics, got "${type.slice(0, 100)}"`);
  }
  return reader;
}

/** `fetch` says "fetch failed", and why in its cause. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  if (!(cause instanceof Error)) return error.message;
  return cause.message || ('code' in cause ? String(cause.code) : error.message);
}
