/**
 * The address in front of `/api`, without a slash at its end: `http://127.0.0.1:3000`, `https://host/logs`. Undefined for
 * what is none; fetch refuses one with a name and password in it, and a query has no place there.
 */
export function serverUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined;
  const { protocol, origin, pathname, username, password, search, hash } = new URL(text);
  if (!/^https?:$/.test(protocol) || username || password || search || hash) return undefined;
  return origin + pathname.replace(/\/+$/, '');
}
