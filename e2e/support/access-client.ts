import type { TokenMade } from '@/lib/wire/access-pages.ts';

export const ADMIN_TOKEN = 'the-token-of-the-settings';

/** Everybody logs in, and one token is known. */
export const CLOSED = { TAILRACE_ACCESS: 'closed', TAILRACE_ADMIN_TOKEN: ADMIN_TOKEN } as const;

export type Made = { readonly id: string; readonly token: string; readonly headers: Readonly<Record<string, string>> };

export function bearer(token: string): Record<string, string> {
  return { Authorization: `Bearer ${token}` };
}

/** What an administrator does, by the API that the Access page uses. */
export class AccessClient {
  readonly #url: string;
  readonly headers: Readonly<Record<string, string>>;
  #count = 0;

  constructor(url: string, headers: Readonly<Record<string, string>> = bearer(ADMIN_TOKEN)) {
    this.#url = url;
    this.headers = headers;
  }

  /** @param wish such as `{ role: 'viewer', services: ['shop'] }` */
  async token(wish: Readonly<Record<string, unknown>>): Promise<Made> {
    this.#count += 1;
    const { token, row } = (await this.ask('POST', '/api/access/tokens', {
      name: `${String(wish['role'])} ${this.#count}`,
      ...wish,
    })) as TokenMade;
    return { id: row.id, token, headers: bearer(token) };
  }

  revoke({ id }: Pick<Made, 'id'>): Promise<unknown> {
    return this.ask('DELETE', `/api/access/tokens/${id}`);
  }

  async account(username: string, password: string, role: string): Promise<{ id: string }> {
    return (await this.ask('POST', '/api/access/accounts', { username, password, role })) as { id: string };
  }

  /** Throws with the answer when it is no success. */
  async ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.#url}${path}`, {
      method,
      headers: { ...this.headers, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }
}

export type LoginAnswer = {
  readonly status: number;
  readonly cookie: string;
  readonly setCookie: string;
  /** The cookie of a browser in which a password was right; empty where none was given. */
  readonly mark: string;
  readonly retryAfter: string | null;
};

/** Logs in as a browser does. `cookie` is what it would send from then on. */
export async function logIn(
  url: string,
  shown: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<LoginAnswer> {
  const response = await fetch(`${url}/api/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(shown),
  });
  await response.arrayBuffer();
  const [setCookie = '', second = ''] = response.headers.getSetCookie();
  const [cookie, mark] = [setCookie, second].map((line) => line.split(';', 1)[0] ?? '') as [string, string];
  return { status: response.status, setCookie, cookie, mark, retryAfter: response.headers.get('retry-after') };
}

export type PlainAnswer = { readonly status: number; readonly text: string };
export type Asker = (
  method: string,
  path: string,
  headers?: Readonly<Record<string, string>>,
  body?: string,
) => Promise<PlainAnswer>;

/** Asks a server as a program does, and is content with whatever it is told. */
export function askerOf(url: string): Asker {
  return async (method, path, headers = {}, body) => {
    const response = await fetch(`${url}${path}`, { method, headers, ...(body !== undefined && { body }) });
    return { status: response.status, text: await response.text() };
  };
}
