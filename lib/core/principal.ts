import type { Filter } from './filter.ts';

/** What somebody may be here, from least to most; `ingest` stands apart: it may send, and nothing else. */
export const ROLES = ['ingest', 'viewer', 'operator', 'admin'] as const;
export type Role = (typeof ROLES)[number];

/**
 * What a door asks of whoever comes. `send`: events in. `view`: events out, as far as the principal may see them.
 * `inspect`: what tells of everybody (connections, senders, the process). `operate`: end, break or delete something.
 * `administer`: decide who may come in, and take the process's memory apart.
 */
export const NEEDS = ['send', 'view', 'inspect', 'operate', 'administer'] as const;
export type Need = (typeof NEEDS)[number];

/** Services and a minimum level; what lies outside does not exist for its owner. */
export type ViewLimit = Pick<Filter, 'services' | 'level' | 'topics'>;

/** What a filter that lets nothing through looks like: topics, of which there is none. */
export const SEES_NOTHING: ViewLimit = { topics: [] };

/** Somebody who has been let in. */
export type Principal = {
  /** Such as `token:Ab3dE6gH`; the same for as long as it is the same somebody. */
  readonly id: string;
  /** As lists and the audit log show it. */
  readonly name: string;
  readonly kind: 'local' | 'open' | 'listener' | 'setting' | 'token' | 'account' | 'session' | 'jwt';
  readonly role: Role;
  /** The only services it may send for; absent: any. */
  readonly services?: readonly string[];
  /** All that it may see; absent: everything. */
  readonly sees?: ViewLimit;
  /** ms since 1970; absent: it does not end by itself. */
  readonly expiresMs?: number;
  /** The account whose login it is; absent: it has no password. */
  readonly account?: string;
  /** Of one that came by a password each time: another password or role of the account is another stamp. */
  readonly stamp?: string;
};

const GRANTS: Readonly<Record<Role, readonly Need[]>> = {
  ingest: ['send'],
  viewer: ['view', 'inspect'],
  operator: ['send', 'view', 'inspect', 'operate'],
  admin: NEEDS,
};

/** The roles that grant a need, least first. */
export function rolesFor(need: Need): Role[] {
  return ROLES.filter((role) => GRANTS[role].includes(need));
}

/** All that it may see, as a limit on filters; undefined: everything. */
export function sightOf(principal: Principal): ViewLimit | undefined {
  return isAllowed(principal, 'view') ? principal.sees : SEES_NOTHING;
}

export function isAllowed({ role, kind, sees }: Principal, need: Need): boolean {
  // Whoever needs no credential at all can send from there, also where an operator's token is asked for.
  if (need === 'send' && (kind === 'local' || kind === 'open')) return true;
  // Whoever sees a part must not learn of the rest by what is told about everybody.
  if (need === 'inspect' && sees) return false;
  return GRANTS[role].includes(need);
}
