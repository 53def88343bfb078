import type { HeaderOf } from '@/lib/access/credential.ts';
import { clientAddress, isLoopback, type TrustedProxies } from '../http/client-address.ts';

export type MachineAsked = {
  /** Address of the socket's other end, where it is known. */
  readonly peerAddress: string | undefined;
  readonly header: HeaderOf;
};

/** Bound there, nobody but this machine reaches the server by itself. */
export function isBoundToLoopback(host: string): boolean {
  return host === 'localhost' || isLoopback(host);
}

/**
 * Why somebody is not taken for whoever sits at this machine, in a sentence; undefined: it is them. The socket has to come
 * from here, nobody may say that it hands on what comes from elsewhere, and the name that the client used has to be one
 * that no attacker can point here.
 */
export function strangerReason(
  { peerAddress, header }: MachineAsked,
  host: string,
  trusted: TrustedProxies,
): string | undefined {
  if (peerAddress === undefined) return 'it cannot be told here who asks';
  const address = clientAddress(peerAddress, header('x-forwarded-for'), trusted);
  if (!isLoopback(address) || !isForwardedFromHere(header)) {
    return 'without a login only the machine of the server may come in';
  }
  if (isOwnName(header('host'), host)) return undefined;
  return 'without a login this is answered under localhost or 127.0.0.1 only: open the page there';
}

/** By these a proxy, a tunnel or a network in between says that it stands there, or for whom. */
const SIGNS_OF_PROXIES = ['forwarded', 'via', 'x-forwarded-server', 'cdn-loop', 'cf-ray', 'x-envoy-external-address'];
const CLIENT_ADDRESSES = [
  'x-forwarded-for',
  'x-real-ip',
  'x-client-ip',
  'true-client-ip',
  'cf-connecting-ip',
  'x-cluster-client-ip',
];

/** A proxy on this machine that nobody has called trusted makes the whole world look local; Next itself adds the first. */
function isForwardedFromHere(header: HeaderOf): boolean {
  if (SIGNS_OF_PROXIES.some((name) => header(name) !== null)) return false;
  return CLIENT_ADDRESSES.every((name) => {
    const hops = header(name)?.split(',') ?? [];
    return hops.every((hop) => isLoopback(hop.trim()));
  });
}

/** An address needs no name service; any other name may be one that an attacker points here. No browser leaves it out. */
function isOwnName(given: string | null, configured: string): boolean {
  if (given === null) return true;
  const name = given.toLowerCase().replace(/:\d+$/, '');
  const bare = name.replace(/^\[(.*)\]$/, '$1');
  return name === 'localhost' || isLoopback(bare) || bare === configured.toLowerCase();
}
