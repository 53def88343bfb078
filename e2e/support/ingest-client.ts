import type { IngestAnswer } from '@/lib/wire/pages.ts';
import { toNdjson } from './events.ts';

export type PostOptions = { readonly key?: string; readonly type?: string };

/** Sends events and gives the answer as it came. Rejects when the connection breaks. */
export async function post(
  url: string,
  body: readonly unknown[] | BodyInit,
  options: PostOptions = {},
): Promise<{ status: number; headers: Headers; answer: IngestAnswer & { code?: string } }> {
  const response = await fetch(`${url}/api/events`, {
    method: 'POST',
    headers: {
      'Content-Type': options.type ?? 'application/x-ndjson',
      ...(options.key !== undefined && { 'Idempotency-Key': options.key }),
    },
    body: Array.isArray(body) ? toNdjson(body) : (body as BodyInit),
    ...(body instanceof ReadableStream && { duplex: 'half' }),
  });
  return { status: response.status, headers: response.headers, answer: (await response.json()) as IngestAnswer };
}

/** Sends events that must be taken, and gives their positions. */
export async function publish(url: string, events: readonly unknown[], options?: PostOptions): Promise<IngestAnswer> {
  const { status, answer } = await post(url, events, options);
  if (status !== 200 || answer.accepted !== events.length) {
    throw new Error(`expected ${events.length} events to be taken, got ${status} ${JSON.stringify(answer)}`);
  }
  return answer;
}
