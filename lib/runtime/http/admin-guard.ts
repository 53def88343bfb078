import { createHash, timingSafeEqual } from 'node:crypto';
import type { Config } from '@/lib/config/config.ts';
import { AppError } from '@/lib/core/errors.ts';
import { clientAddress, isLoopback, peerOf, trustProxies } from './client-address.ts';

export type AdminContext = {
  readonly config: { readonly host: string; readonly trustedProxies: readonly string[]; readonly admin: AdminRules };
};
type AdminRules = Pick<Config['admin'], 'token'>;

/** Names under which only this machine reaches itself; any other name may be one that an attacker points here. */
const OWN_HOSTS = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Lets an operator through to what ends or breaks something. Throws AppError `forbidden` with what to do instead.
 * With a token that is asked for; without one only this machine may, and only where the socket is known.
 */
export function checkAdmin(context: AdminContext, request: Request): void {
  refuseOtherSites(request);
  const { token } = context.config.admin;
  if (token === undefined) checkOwnMachine(context, request);
  else checkToken(token, request.headers.get('authorization'));
}

/** A page of somebody else's, open in the operator's browser, must not act with what that browser may do. */
export function refuseOtherSites({ headers }: Request): void {
  const site = headers.get('sec-fetch-site');
  const origin = headers.get('origin');
  const isOther = site !== null && site !== 'same-origin' && site !== 'none';
  if (isOther || (origin !== null && hostOf(origin) !== headers.get('host')?.toLowerCase())) {
    throw new AppError('forbidden', 'this was asked for by another site; use the pages of this server, or no browser');
  }
}

/** As it stands in a Host header; undefined for `null` and whatever else is no address of a page. */
function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined;
}

function checkToken(token: string, authorization: string | null): void {
  const given = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1];
  if (given === undefined) {
    throw new AppError(
      'forbidden',
      'this needs the operator\'s token: send "Authorization: Bearer <TAILRACE_ADMIN_TOKEN>"',
    );
  }
  if (!timingSafeEqual(digest(given), digest(token))) {
    throw new AppError('forbidden', 'the token is wrong; expected the value of TAILRACE_ADMIN_TOKEN on the server');
  }
}

/** Of equal length whatever was sent, as the comparison wants. */
function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function checkOwnMachine({ config }: AdminContext, request: Request): void {
  const { headers } = request;
  const peer = peerOf(request);
  if (peer === undefined) {
    throw new AppError(
      'forbidden',
      'it cannot be told here who asks: set TAILRACE_ADMIN_TOKEN and send it as "Authorization: Bearer …"',
    );
  }
  const address = clientAddress(peer, headers.get('x-forwarded-for'), trustProxies(config.trustedProxies));
  if (!isLoopback(address) || !isForwardedFromHere(headers)) {
    throw new AppError(
      'forbidden',
      'without a token only the machine of the server may do this: set TAILRACE_ADMIN_TOKEN to allow it from elsewhere',
    );
  }
  if (!isOwnHost(headers.get('host'), config.host)) {
    throw new AppError(
      'forbidden',
      'without a token this is answered under localhost or 127.0.0.1 only: open the page there, or set TAILRACE_ADMIN_TOKEN',
    );
  }
}

/** A proxy on this machine that nobody has called trusted makes the whole world look local; Next itself adds the first. */
function isForwardedFromHere(headers: Headers): boolean {
  if (headers.get('forwarded') !== null) return false;
  return ['x-forwarded-for', 'x-real-ip'].every((name) => {
    const hops = headers.get(name)?.split(',') ?? [];
    return hops.every((hop) => isLoopback(hop.trim()));
  });
}

function isOwnHost(host: string | null, configured: string): boolean {
  const name = (host ?? '').toLowerCase().replace(/:\d+$/, '');
  return [...OWN_HOSTS, configured.toLowerCase(), `[${configured.toLowerCase()}]`].includes(name);
}
