import type { AccessKeeper } from '@/lib/access/access-keeper.ts';
import type { Need, Principal } from '@/lib/core/principal.ts';
import type { Access, AccessAsked } from '../access/access.ts';
import { refuseForms, refuseOtherSites } from '../access/same-site.ts';
import type { Runtime } from '../create-runtime.ts';
import { getRuntime } from '../runtime.ts';
import { peerOf } from './client-address.ts';
import { answerSender } from './cross-origin.ts';
import { answer } from './problem.ts';

/**
 * What a route asks of whoever comes. `public`: nothing; what it tells must be no secret. `sender`: nothing here, since the
 * reception judges who sends, and says no in the terms of the protocol.
 */
export type Door = Need | 'public' | 'sender';

/** Whoever comes through a door that asks nothing: it sees nothing, whatever it is handed to. */
const STRANGER: Principal = { id: 'stranger', name: 'somebody', kind: 'listener', role: 'ingest' };

/** Answers a request of a route handler: only who may come in reaches `handle`, and whatever it throws becomes a problem. */
export async function respond(
  door: Door,
  request: Request,
  handle: (app: Runtime, principal: Principal) => Response | Promise<Response>,
): Promise<Response> {
  const app = await getRuntime();
  const entered = async (): Promise<Response> => handle(app, await enter(app, door, request));
  return door === 'sender' ? answerSender(app, request, entered) : answer(entered, app.onError);
}

/** Rejects with unauthorized and forbidden. */
export async function enter(
  { access }: { readonly access: Pick<Access, 'identify' | 'permit'> },
  door: Door,
  request: Request,
): Promise<Principal> {
  if (door === 'public' || door === 'sender') return STRANGER;
  const asked = askedOf(request);
  const isChange = request.method !== 'GET' && request.method !== 'HEAD';
  const isGuarded = isChange && (door === 'operate' || door === 'administer');
  if (isGuarded) refuseOtherSites(asked.header);
  const principal = await access.identify(asked);
  // Its browser sends the cookie by itself, whoever has made it ask.
  if (isGuarded && principal.kind === 'session') refuseForms(asked.header);
  access.permit(principal, door);
  return principal;
}

export function askedOf(request: Request): AccessAsked {
  return { peerAddress: peerOf(request), header: (name) => request.headers.get(name) };
}

/** What keeps an audit log. */
export type Noted = { readonly access: Pick<Access, 'addressOf'> & { readonly keeper: Pick<AccessKeeper, 'note'> } };

/** For the audit log: who has done what, and from where. */
export function noteAct(app: Noted, request: Request, principal: Principal, act: string, target: string): void {
  const address = app.access.addressOf(askedOf(request));
  app.access.keeper.note({ atMs: Date.now(), who: principal.name, address, act, target });
}
