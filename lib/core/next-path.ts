const HOME = '/logs';
const CHARS_MAX = 2000;

/** Where to go on after a login: a path of this server, whatever the address that was asked for says. */
export function nextPath(given: string | null | undefined): string {
  if (!given || given.length > CHARS_MAX || !given.startsWith('/')) return HOME;
  // `//host` and `/\host` are other machines to a browser, and a login page that sends on to one is a trap.
  if (!URL.canParse(given, 'http://here.invalid')) return HOME;
  const url = new URL(given, 'http://here.invalid');
  if (url.origin !== 'http://here.invalid' || url.pathname.startsWith('/login') || url.pathname.startsWith('//'))
    return HOME;
  return `${url.pathname}${url.search}${url.hash}`;
}

export function loginPath(next: string): string {
  return `/login?next=${encodeURIComponent(next)}`;
}
