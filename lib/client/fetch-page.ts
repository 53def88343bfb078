import { z } from 'zod';

/** An answer's body, or the sentence to show. */
export type Fetched<T> = { readonly ok: true; readonly page: T } | { readonly ok: false; readonly error: string };

/** RFC 9457; the server says in `detail` what to do. */
const problemSchema = z.object({ detail: z.string().optional(), title: z.string().optional() });

/** Reads one page of JSON. Never throws; an aborted request answers undefined, for nobody waits for it any more. */
export async function fetchPage<T>(
  get: typeof fetch,
  url: string,
  signal: AbortSignal,
): Promise<Fetched<T> | undefined> {
  try {
    const response = await get(url, { headers: { Accept: 'application/json' }, cache: 'no-store', signal });
    if (!response.ok) return { ok: false, error: await explain(response) };
    return { ok: true, page: (await response.json()) as T };
  } catch (error) {
    if (signal.aborted) return undefined;
    const reason =
      error instanceof SyntaxError ? 'The server sent an answer that is not JSON.' : 'The server cannot be reached.';
    return { ok: false, error: `${reason} Try again in a moment.` };
  }
}

/** The sentence to show for an answer that is not ok. */
export async function explain(response: Response): Promise<string> {
  const problem = problemSchema.safeParse(await response.json().catch(() => undefined));
  const said = problem.success ? (problem.data.detail ?? problem.data.title) : undefined;
  return said ?? `The server answered ${response.status}. Try again in a moment.`;
}
