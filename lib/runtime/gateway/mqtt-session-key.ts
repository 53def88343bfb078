import type { AccessBook } from '@/lib/access/access-book.ts';
import type { Principal } from '@/lib/core/principal.ts';

/**
 * Whose a session of MQTT is, and under which client id: anybody may use any id, and nobody gets at what others keep under it.
 * The same for each credential of the same somebody: a later token of an identity provider, another login, a new password.
 */
export function sessionKey(principal: Principal, clientId: string, logins: AccessBook['sessions']): string {
  return JSON.stringify([subjectOf(principal, logins), clientId]);
}

/** Empty for whoever needs no credential: where access is open all are one. */
function subjectOf({ kind, id }: Principal, logins: AccessBook['sessions']): string {
  if (kind === 'local' || kind === 'open') return '';
  if (kind !== 'session') return id;
  const subject = logins.get(id.slice('session:'.length))?.subject ?? id;
  // A login by the token of the settings is one of whoever has that token.
  return subject.startsWith('setting:') ? 'setting' : subject;
}
