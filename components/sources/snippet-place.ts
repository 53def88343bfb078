import type { OpenDoors } from '@/lib/wire/source-pages.ts';

/** What snippets must know: where this server is as the reader's browser sees it, and what lets a sender in. */
export type Place = {
  /** "http://logs.example:3000" */
  readonly origin: string;
  readonly ports: OpenDoors['ports'];
  readonly scrape: OpenDoors['scrape'];
  /** undefined: nobody has said, so the reader puts it into the environment; null: none is asked for. */
  readonly token?: string | null | undefined;
};

/** The part of it that a page is made with. */
export type SenderPlace = { readonly publicUrl: string; readonly token?: null };

export const TOKEN_VARIABLE = 'TAILRACE_TOKEN';

/** The host's bare name or address, as sockets want it: without the brackets of IPv6. */
export function hostOf({ origin }: Pick<Place, 'origin'>): string {
  return new URL(origin).hostname.replace(/^\[(.*)\]$/, '$1');
}

/** The port of the dashboard, also where the address leaves it out. */
export function portOf({ origin }: Place): number {
  const { port, protocol } = new URL(origin);
  return port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);
}

/** Host and port of a listener, IPv6 in brackets; `example` where it is off. */
export function socketOf(place: Place, door: string, example: number): string {
  return `${new URL(place.origin).hostname}:${place.ports[door] ?? example}`;
}

/**
 * The token as one place of a snippet wants it: itself, or the variable in the form that is understood there.
 * @param variable `$NAME` for a shell
 * @param write what is written around it; nothing at all where no token is asked for
 */
export function withToken(place: Pick<Place, 'token'>, variable: string, write: (token: string) => string): string {
  return place.token === null ? '' : write(place.token ?? variable);
}

/** ` -H "authorization: Bearer …"` on a line of its own, for curl. */
export function curlToken(place: Pick<Place, 'token'>, scheme = 'Bearer'): string {
  return withToken(place, `$${TOKEN_VARIABLE}`, (token) => ` \\\n  -H "authorization: ${scheme} ${token}"`);
}
