import { isJwt } from '@/lib/access/credential.ts';
import { isToken } from '@/lib/access/secret.ts';
import { isAppError } from '@/lib/core/errors.ts';
import { isAllowed, type Principal } from '@/lib/core/principal.ts';
import type { Peer } from '@/lib/stream/peer.ts';
import type { MqttAsked } from '@/lib/transport/mqtt-connect.ts';
import type { MqttRefusal } from '@/lib/transport/mqtt-host.ts';
import { MQTT_REASON, refusalReason } from '@/lib/wire/mqtt-reasons.ts';
import type { AccessAsked } from '../access/access.ts';
import type { Runtime } from '../create-runtime.ts';
import { type Asked, peerFor } from '../http/stream-asked.ts';

/** Where a connection comes from, as far as the carrier tells. */
export type CarrierFrom = { readonly address: string | undefined; header(name: string): string | null };

type Shown = Pick<MqttAsked, 'username' | 'password'>;

/**
 * Who connects: a token as the password, of ours or of an identity provider, or an account's name and password; over a
 * WebSocket, and without either, what the browser has shown. Never rejects.
 */
export async function whoConnects(
  runtime: Runtime,
  from: CarrierFrom | undefined,
  shown: Shown,
): Promise<Principal | MqttRefusal> {
  const { access, logins } = runtime;
  const asked = askedBy(from, shown);
  try {
    const principal = await identify();
    // Whoever may see nothing may still send.
    if (!isAllowed(principal, 'view')) access.permit(principal, 'send');
    return principal;
  } catch (error) {
    if (isAppError(error)) return { reason: refusalReason(error.code), says: error.message };
    runtime.onError(error);
    return { reason: MQTT_REASON.unspecified };
  }

  async function identify(): Promise<Principal> {
    try {
      return await access.identify(asked);
    } catch (error) {
      const { username, password } = shown;
      // A token of ours is no password, and must not cost the tries of those who mistype theirs.
      if (!username || !password || isToken(password)) throw error;
      if (!isAppError(error) || error.code !== 'unauthorized') throw error;
      return logins.principal(username, password, access.addressOf(asked));
    }
  }
}

/** As HTTP says it, so that there is one reader of credentials: Basic, or Bearer for what a provider has signed. */
function askedBy(from: CarrierFrom | undefined, { username, password = '' }: Shown): AccessAsked {
  const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
  const shown = isJwt(password) ? `Bearer ${password}` : basic;
  const isGiven = username !== undefined;
  return {
    peerAddress: from?.address,
    header: (name) => (isGiven && name === 'authorization' ? shown : (from?.header(name) ?? null)),
  };
}

/** How a client looks to limits and lists: called by its client id, as others are by their program. */
export function mqttPeer(
  runtime: Runtime,
  from: CarrierFrom,
  asked: MqttAsked,
  principal: Principal,
  isReturning: boolean,
): Peer {
  const { clientId } = asked;
  const browser = from.header('user-agent');
  const headers: Record<string, string | undefined> = {
    authorization: askedBy(from, asked).header('authorization') ?? undefined,
    'user-agent': browser ? `${clientId} ${browser}` : clientId,
    'last-event-id': isReturning ? clientId : undefined,
  };
  const header: Asked['header'] = (name) => headers[name] ?? from.header(name);
  return peerFor(runtime, { transport: 'mqtt', peerAddress: from.address, search: '', header }, principal);
}
