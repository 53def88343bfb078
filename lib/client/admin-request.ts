import { explain } from './fetch-page.ts';

/** What an operator's action was answered with, when it was not done. `message` is the sentence to show. */
export class AdminError extends Error {
  /** Of HTTP; 0 when the server could not be reached. */
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'AdminError';
    this.status = status;
  }

  /** The server may do this for somebody who shows the operator's token. */
  get needsToken(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

type Port = { readonly fetch: typeof fetch };

const BROWSER: Port = { fetch: (input, init) => fetch(input, init) };

/**
 * Asks the server to do what only an operator may. Who that is the browser's cookie says.
 * @param body sent as JSON
 * @returns the answer's JSON, or undefined where it has none
 * @throws AdminError with the server's own sentence (`detail` of its problem+json); an abort is thrown as it is
 */
export async function adminRequest(
  method: string,
  url: string,
  body?: unknown,
  signal?: AbortSignal,
  port: Port = BROWSER,
): Promise<unknown> {
  const response = await port
    .fetch(url, {
      method,
      cache: 'no-store',
      headers: {
        Accept: 'application/json',
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    })
    .catch((error: unknown) => {
      if (signal?.aborted) throw error;
      throw new AdminError(0, 'The server cannot be reached. Try again in a moment.');
    });
  if (!response.ok) throw new AdminError(response.status, await explain(response));
  const text = await response.text();
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    throw new AdminError(response.status, 'The server sent an answer that is not JSON. Try again in a moment.');
  }
}
