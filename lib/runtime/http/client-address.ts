import type { IncomingMessage } from 'node:http';
import { BlockList, isIP, SocketAddress } from 'node:net';
import { isOwnServer } from '../own-server.ts';

const PEER_HEADER = 'x-tailrace-peer';
/** Where nothing tells who asks: a route handler does not see the socket. */
export const ADDRESS_UNKNOWN = 'unknown';

export type TrustedProxies = Pick<BlockList, 'check'>;

/** @param entries addresses or networks such as `10.0.0.0/8`, as the settings have checked them */
export function trustProxies(entries: readonly string[]): TrustedProxies {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/**
 * Writes the address of the socket into the request for route handlers, which have no other way to know it. What the
 * client has sent under that name goes; to be called for every request before Next sees it.
 */
export function stampPeer(req: IncomingMessage): void {
  delete req.headers[PEER_HEADER];
  const address = req.socket.remoteAddress;
  if (address !== undefined) req.headers[PEER_HEADER] = address;
}

/** What `stampPeer` has written; undefined under plain `next start` and on Vercel, where only the client could have. */
export function peerOf(request: { readonly headers: Pick<Headers, 'get'> }): string | undefined {
  return isOwnServer() ? (request.headers.get(PEER_HEADER) ?? undefined) : undefined;
}

/**
 * The client's address: the socket's, or what the nearest proxies say of the hop before them, as long as each is trusted.
 * From the right, since whatever stands further left may have been written by the client.
 */
export function clientAddress(peer: string | undefined, forwardedFor: string | null, trusted: TrustedProxies): string {
  let address = normalAddress(peer ?? '');
  if (address === undefined) return ADDRESS_UNKNOWN;
  const hops = (forwardedFor ?? '').split(',');
  while (hops.length > 0 && isListed(trusted, address)) {
    const hop = normalAddress(hops.pop()?.trim() ?? '');
    if (hop === undefined) break;
    address = hop;
  }
  return address;
}

/**
 * What one client has to itself: an IPv4 address, or the /64 that each line of IPv6 is given, of which it may use any.
 * @param address as `clientAddress` gives it
 */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const after = tail?.split(':').filter(Boolean) ?? [];
  const all = [...groups, ...Array<string>(Math.max(0, 8 - groups.length - after.length)).fill('0'), ...after];
  return `${all.slice(0, 4).join(':')}::/64`;
}

const LOOPBACK = trustProxies(['127.0.0.0/8', '::1']);

export function isLoopback(address: string): boolean {
  const normal = normalAddress(address);
  return normal !== undefined && isListed(LOOPBACK, normal);
}

function isListed(list: TrustedProxies, address: string): boolean {
  return list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6');
}

/** One spelling for each address, or undefined: a dual-stack socket writes 1.2.3.4 as `::ffff:1.2.3.4`. */
function normalAddress(text: string): string | undefined {
  const bare = withoutPort(text);
  const version = isIP(bare);
  if (version !== 6) return version === 4 ? bare : undefined;
  const { address } = new SocketAddress({ address: bare, family: 'ipv6' });
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address);
  return mapped?.[1] ?? address;
}

/** Some proxies write `1.2.3.4:5678` or `[::1]:5678`. */
function withoutPort(text: string): string {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::\d+)?$/.exec(text);
  return match?.[1] ?? match?.[2] ?? text;
}
