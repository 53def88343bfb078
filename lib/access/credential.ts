import { isToken } from './secret.ts';

/** What somebody has shown to come in by. */
export type Credential =
  /** A token of ours, or the one of the settings; `isOurs`: it can be nothing else. */
  | { readonly kind: 'token'; readonly secret: string; readonly isOurs: boolean }
  | { readonly kind: 'jwt'; readonly token: string }
  | { readonly kind: 'password'; readonly username: string; readonly password: string }
  /** Of a browser that has logged in; it sends it by itself, whoever has made it ask. */
  | { readonly kind: 'cookie'; readonly secret: string };

/** By its name in lower case; gRPC's metadata and the like are headers too. */
export type HeaderOf = (name: string) => string | null;

export const COOKIE = 'tailrace-session';
/** Where the page came by https: the browser then keeps it from every other host and from plain http. */
export const COOKIE_SECURE = `__Host-${COOKIE}`;

/** Headers in which other systems' clients carry a key. */
const KEY_HEADERS = ['x-api-key', 'x-seq-apikey'];
const CHARS_MAX = 8192;

/**
 * Reads the forms in which clients of all the protocols carry a token: Bearer, Basic (as password), Splunk's, Elasticsearch's
 * ApiKey, X-API-Key. What is said outright counts before a cookie. Never from the address, which gets into every log.
 */
export function credentialOf(header: HeaderOf): Credential | undefined {
  const authorization = header('authorization')?.trim();
  if (authorization) {
    if (authorization.length > CHARS_MAX) return undefined;
    const [, scheme = '', value = ''] = /^(\S+) +(\S.*)$/.exec(authorization) ?? [];
    return byScheme(scheme.toLowerCase(), value.trim());
  }
  for (const name of KEY_HEADERS) {
    const key = header(name)?.trim();
    if (key && key.length <= CHARS_MAX) return tokenOf(key);
  }
  const cookie = cookieOf(header('cookie') ?? '', isHttps(header));
  return cookie === undefined ? undefined : { kind: 'cookie', secret: cookie };
}

function byScheme(scheme: string, value: string): Credential | undefined {
  if (scheme === 'bearer') return isJwt(value) ? { kind: 'jwt', token: value } : tokenOf(value);
  if (scheme === 'splunk') return tokenOf(value);
  if (scheme === 'basic') return ofBasic(value);
  // Elasticsearch's is `id:key` in base64, and some send the key as it is.
  if (scheme === 'apikey') return tokenOf(isToken(value) ? value : (decode(value).split(':', 2)[1] ?? ''));
  return undefined;
}

function ofBasic(value: string): Credential | undefined {
  const decoded = decode(value);
  const colon = decoded.indexOf(':');
  if (colon < 0) return undefined;
  const [username, password] = [decoded.slice(0, colon), decoded.slice(colon + 1)];
  for (const part of [password, username]) if (isToken(part)) return tokenOf(part);
  return { kind: 'password', username, password };
}

function tokenOf(secret: string): Credential {
  return { kind: 'token', secret, isOurs: isToken(secret) };
}

export function isJwt(value: string): boolean {
  return /^eyJ[\w-]+\.[\w-]+\.[\w-]+$/.test(value);
}

function decode(value: string): string {
  return Buffer.from(value, 'base64').toString('utf8');
}

/** As the proxy before this server says; what a client makes of it counts for its own cookies alone. */
export function isHttps(header: HeaderOf): boolean {
  return header('x-forwarded-proto')?.split(',', 1)[0]?.trim() === 'https';
}

/** Where the page came by https the other one may have been put there by a neighbour, or by whoever is in the line. */
function cookieOf(header: string, isSecure: boolean): string | undefined {
  const pairs = header.split(';').map((pair) => pair.trim());
  for (const name of isSecure ? [COOKIE_SECURE] : [COOKIE_SECURE, COOKIE]) {
    const found = pairs.find((pair) => pair.startsWith(`${name}=`));
    if (found) return found.slice(name.length + 1);
  }
  return undefined;
}
